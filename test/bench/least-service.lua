-- The least that a service can do: it looks at nothing and sends a text that it had before.
local body = os.getenv("ACME_TEXT")

core.register_service("least-service", "http", function(applet)
  applet:add_header("content-type", "text/plain")
  applet:add_header("content-length", #body)
  applet:start_response()
  applet:send(body)
end)
