-- What a service costs that opens the file of each request, blocking, and writes a log line about each. Loaded by lua-load.
local webroot = os.getenv("ACME_WEBROOT")

core.register_service("file-and-log", "http", function(applet)
  local file = io.open(webroot .. applet.path, "rb")
  local body = file and file:read("a")
  if file then file:close() end
  core.Info("challenge " .. applet.path .. (body and " answered" or " not found"))
  applet:set_status(body and 200 or 404)
  body = body or "not found"
  applet:add_header("content-type", "text/plain")
  applet:add_header("content-length", #body)
  applet:start_response()
  applet:send(body)
end)
