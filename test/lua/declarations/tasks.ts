// Tasks, clients, proxies and servers, events, queues and the small classes.

core.register_init(() => {
  const text = core.concat();
  for (const word of core.tokenize('one, two,,three', ', ', true)) text.add(`[${word}]`);
  core.Info(`words ${text.dump()}`);

  const home = core.parse_addr('127.0.0.0/8');
  const here = core.parse_addr('127.0.0.1');
  core.Info(`at home ${home !== undefined && here !== undefined && core.match_addr(home, here)}`);

  const [compiled, regex] = Regex.new('needle (..)', true);
  if (!compiled) {
    core.Alert(regex);
    return;
  }
  const [found, groups] = regex.match('a needle in hay');
  core.Info(`regex ${regex.exec('a needle in hay')} ${found ? (groups[1] ?? '') : 'not found'}`);

  core.Info(`date ${core.http_date('Sun, 06 Nov 1994 08:49:37 GMT') ?? 'none'}`);
  core.Info(`dates ${core.imf_date('x') ?? core.rfc850_date('x') ?? core.asctime_date('x') ?? 'none'}`);
  core.Info(`pid ${core.get_info().get('Pid') ?? 'none'} at ${core.now().sec} on thread ${core.thread}`);
  core.log(core.debug, 'initialised');
});

core.register_init(() => {
  for (const [name, proxy] of core.proxies) {
    core.Info(`proxy ${name} ${proxy.get_cap()} ${proxy.get_mode()}`);
    for (const [label, server] of proxy.servers) {
      core.Info(`server ${label} at ${server.get_addr()} weighs ${server.get_weight()}`);
    }
    for (const [, listener] of proxy.listeners) core.Info(`status ${listener.get_stats().get('status') ?? 'none'}`);
    const stickTable = proxy.stktable;
    if (stickTable === undefined) continue;
    core.Info(`table ${stickTable.info().type} ${stickTable.lookup('127.0.0.9') === undefined ? 'empty' : 'filled'}`);
    for (const [key, entry] of stickTable.dump([['gpc0', 'gt', 0]])) core.Info(`${key} ${entry.get('gpc0') ?? 0}`);
  }
});

/** What one may do to servers and proxies while HAProxy runs. */
export function administer(server: Server, proxy: Proxy): string | undefined {
  if (server.is_draining() || server.is_backup() || server.is_dynamic()) return server.get_name();
  server.set_drain();
  server.set_maint();
  server.set_ready();
  server.check_disable();
  server.check_enable();
  server.check_force_down();
  server.check_force_nolb();
  server.check_force_up();
  server.agent_disable();
  server.agent_enable();
  server.agent_force_down();
  server.agent_force_up();
  server.shut_sess();
  proxy.pause();
  proxy.resume();
  proxy.shut_bcksess();
  if (proxy.get_srv_act() + proxy.get_srv_bck() === 0) proxy.stop();
  const mailers = proxy.get_mailers();
  core.Info(
    `${mailers?.smtp_from ?? ''} ${mailers?.mailservers.get('local') ?? ''} ${server.tracking()?.get_rid() ?? ''}`,
  );
  for (const tracker of server.get_trackers())
    core.Info(`${tracker.get_puid()} in ${tracker.get_proxy()?.get_uuid() ?? ''}`);
  return server.set_weight('50%') ?? server.set_maxconn(10) ?? server.set_addr('127.0.0.1', 80);
}

/** Watching servers, since 2.8. */
export function watch(): EventSub {
  const changes = core.queue<string>();
  core.register_task((queue) => {
    queue.alarm();
    core.wait(1_000);
    core.Info(queue.pop() ?? queue.pop_wait() ?? `${queue.size()} left`);
  }, changes);
  return core.event_sub(['SERVER_UP', 'SERVER_STATE'], (event, data, subscription) => {
    const { state, admin, check, reference } = data;
    changes.push(`${event} ${data.proxy_name}/${data.name} ${state?.new_state ?? admin?.new_admin[0] ?? ''}`);
    if (check?.result === 'FAILED') core.Warning(`${check.reason.desc} ${check.health.cur}`);
    reference?.event_sub(['SERVER_DOWN'], (_event, _data, own) => own.unsub());
    if (event === 'SERVER_UP') subscription.unsub();
  });
}

/** Proving a domain to HAProxy's own ACME client, since 3.5. */
export function prove(publish: (domain: string, record: string) => void): EventSub {
  return core.event_sub(['ACME_DEPLOY'], (_event, { crtname, domain, dns_record }) => {
    if (domain === undefined || dns_record === undefined) return;
    publish(domain, dns_record);
    if (ACME.challenge_ready(crtname, domain) === 0) core.Info(`${crtname} is being validated`);
  });
}

core.register_action(
  'fetch',
  ['http-req'],
  (txn, address = '127.0.0.1', port = '80') => {
    const socket = core.tcp();
    socket.settimeout(2);
    const [connected, reason] = socket.connect(address, tonumber(port) ?? 80);
    if (connected === undefined) {
      txn.Warning(`not connected: ${reason ?? 'no reason'}`);
      return;
    }
    const sent = socket.send('GET /socket HTTP/1.0\r\n\r\n');
    const [line, trouble] = socket.receive('*l');
    txn.set_var('txn.socket', `${line ?? trouble} after ${sent ?? 0} to ${socket.getpeername() ?? 'nobody'}`);
    socket.close();

    const response = core.httpclient().get({
      url: `http://${address}:${port}/client`,
      headers: { accept: ['text/plain'] },
      timeout: 2_000,
    });
    txn.set_var(
      'txn.client',
      `${response.status} ${response.headers.get('x-lua')?.get(0) ?? 'no header'} ${response.body}`,
    );
  },
  2,
);

core.register_action('pause', ['http-req'], () => {
  core.msleep(1);
  core.yield();
  core.set_nice(0);
  return act.CONTINUE;
});

/** Puts a certificate into memory and tells HAProxy to stop the Lua code. */
export function replaceCertificate(pem: string): never {
  CertCache.set({ filename: '/etc/haproxy/site.pem', crt: pem });
  core.Info(String(core.get_var('proc.site') ?? ''));
  core.sleep(1);
  return core.done('replaced');
}
