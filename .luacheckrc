std = "lua53"
read_globals = { "core", "Map", "applet" }
max_line_length = false
