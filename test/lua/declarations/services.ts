// AppletHTTP and AppletTCP, as the author of a service uses them.

core.register_service('describe', 'http', (applet) => {
  const accepted = applet.headers.get('accept')?.get(0) ?? 'nothing';
  const level = applet.get_var('proc.level') ?? 'unset';
  const body = [
    `${applet.method} ${applet.path ?? 'no path'} ${applet.qs ?? 'no query'} ${applet.version}`,
    `accept ${accepted}`,
    `length ${applet.length}`,
    `from ${applet.f.src() ?? 'nowhere'} as text ${applet.sf.src()}`,
    `base64 ${applet.c.base64('lua') ?? 'none'} ${applet.sc.base64('lua')}`,
    `level ${level}`,
  ];
  applet.set_priv(body);
  applet.set_var('txn.served', 'yes', true);
  applet.unset_var('txn.served');
  const answer = table.concat(body, '\n');
  applet.set_status(applet.get_priv() === body ? 200 : 500, 'Described');
  applet.add_header('content-type', 'text/plain');
  applet.add_header('content-length', answer.length);
  applet.start_response();
  applet.send(answer);
});

core.register_service('upper', 'http', (applet) => {
  const first = applet.getline();
  const rest = applet.receive();
  applet.set_status(200);
  applet.start_response();
  applet.send(applet.sc.upper(first + rest));
});

core.register_service('echo', 'tcp', (applet) => {
  const line = applet.getline();
  const next = applet.receive(3);
  applet.send(`${applet.sc.upper(line)}${next}`);
  // Since 3.2: nil in time, the empty string at the end.
  if (line === 'wait\n') {
    const more: string | undefined = applet.receive(undefined, 100) ?? applet.try_receive();
    applet.send(more ?? 'nothing');
  }
});

core.register_cli(['show', 'declarations'], 'show declarations: what was declared', (applet, ...words) => {
  applet.send(`${words.length} words, the last is ${words[words.length - 1] ?? 'none'}\n`);
});
