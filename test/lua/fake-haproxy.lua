-- A stand-in for HAProxy's Lua environment: lua fake-haproxy.lua BUILT.lua THREAD
-- Standard input, one command a line; words in hexadecimal where a request could hold any byte:
--   REQUEST method path    path is hexadecimal, or "nil" as HAProxy gives it for a target without a path
--   CLOCK seconds          what os.time answers from now on
--   TASKS                  runs what core.register_task was given
-- Standard output: ANSWER status headers body, LOG level line, GLOBAL name, in the order in which they happen.
local built, thread = arg[1], math.tointeger(tonumber(arg[2]))

local function hex(text)
  return (text:gsub(".", function(c) return string.format("%02x", c:byte()) end))
end
local function unhex(text)
  return (text:gsub("..", function(c) return string.char(tonumber(c, 16)) end))
end
local function say(...) io.stdout:write(table.concat({ ... }, " "), "\n") end

local clock = 1000000
os.time = function() return clock end

local inits, tasks, services = {}, {}, {}
local loading = true
local function log(level)
  return function(line)
    assert(type(line) == "string", "a log line must be a string")
    say("LOG", level, hex(line))
  end
end
core = {
  thread = thread,
  Info = log("info"),
  Warning = log("warning"),
  register_init = function(f) assert(loading); inits[#inits + 1] = f end,
  register_task = function(f) tasks[#tasks + 1] = f end,
  register_service = function(name, mode, f)
    assert(loading and mode == "http" and type(f) == "function")
    services[name] = f
  end,
}

Map = { _str = 4711 }
function Map.new(path, method)
  assert(loading, "'new': cannot be used outside the body")
  assert(type(path) == "string" and method == Map._str, "an exact map is needed")
  local file = io.open(path)
  if not file then error("'new': failed to open pattern file <" .. path .. ">.", 0) end
  local entries = {}
  for line in file:lines() do
    local key, value = line:match("^(%S+) (.*)$")
    if key then entries[key] = unhex(value) end
  end
  file:close()
  return { lookup = function(self, key) assert(type(key) == "string" and self); return entries[key] end }
end

local function applet(method, path)
  local status, headers, body, started = 200, {}, {}, false
  return {
    method = method,
    path = path,
    set_status = function(_, code) assert(not started and math.type(code) == "integer"); status = code end,
    add_header = function(_, name, value)
      assert(not started and type(name) == "string" and (type(value) == "string" or math.type(value) == "integer"))
      headers[#headers + 1] = name .. ": " .. value
    end,
    start_response = function() assert(not started); started = true end,
    send = function(_, text)
      assert(started and type(text) == "string")
      assert(method ~= "HEAD", "HEAD has no body")
      body[#body + 1] = text
    end,
    finish = function()
      assert(started, "the service answered nothing")
      say("ANSWER", status, hex(table.concat(headers, "\n")) .. ".", hex(table.concat(body)) .. ".")
    end,
  }
end

local known = {}
for name in pairs(_G) do known[name] = true end
local chunk = assert(loadfile(built))
local ok, trouble = pcall(chunk)
if not ok then
  io.stderr:write(tostring(trouble), "\n")
  os.exit(1)
end
loading = false
for _, init in ipairs(inits) do init() end

for line in io.lines() do
  local command, first, second = line:match("^(%u+) ?(%S*) ?(%S*)$")
  if command == "CLOCK" then
    clock = math.tointeger(tonumber(first))
  elseif command == "TASKS" then
    for _, task in ipairs(tasks) do task() end
  else
    local path = second
    if path == "nil" then path = nil else path = unhex(path) end
    local request = applet(first, path)
    services["acme-http01"](request)
    request.finish()
  end
end
for name in pairs(_G) do
  if not known[name] then say("GLOBAL", name) end
end
