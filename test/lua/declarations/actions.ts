// TXN with its fetches, converters, variables, HTTP and Reply; the codes of an action.

core.register_action(
  'tag',
  ['http-req', 'http-res'],
  (txn, name = 'x-lua') => {
    const http = txn.http;
    if (http === undefined) return act.CONTINUE;
    const source = txn.f.src();
    if (source === undefined) return act.ERROR;
    http.req_set_header(name, `${source}:${txn.f.src_port() ?? 0}`);
    http.req_add_header(name, txn.sf.req_hdr('host'));
    http.req_del_header('x-remove');
    http.req_rep_header('x-replace', '^a(.*)$', 'b\\1');
    http.req_rep_value('x-replace', 'c', 'd');
    txn.set_var('txn.tag', txn.sc.crc32(source, 0));
    txn.set_priv({ source });
    return act.CONTINUE;
  },
  1,
);

core.register_action('rewrite', ['http-req'], (txn) => {
  const http = txn.http;
  if (http === undefined) return;
  const done = http.req_set_method('GET') && http.req_set_path('/rewritten') && http.req_set_query('a=1');
  if (!done) http.req_set_uri('/failed');
  for (const [name, values] of http.req_get_headers()) txn.Debug(`${name}: ${values.get(0) ?? ''}`);
  txn.set_loglevel(core.notice);
  txn.set_priority_class(-1);
  txn.set_priority_offset(10);
  txn.log(core.info, 'rewritten');
  txn.deflog('rewritten');
});

core.register_action('response', ['http-res'], (txn) => {
  const http = txn.http;
  if (http === undefined) return;
  http.res_set_status(203, 'Seen by Lua');
  http.res_add_header('x-tag', String(txn.get_var('txn.tag') ?? 'none'));
  http.res_set_header('x-status', txn.sf.status());
  http.res_rep_header('x-status', '^2', '3');
  http.res_rep_value('x-status', '0', '1');
  http.res_del_header('server');
  txn.unset_var('txn.tag');
});

core.register_action('refuse', ['http-req'], (txn) => {
  const reply = txn.reply({ status: 403, headers: { 'x-reason': ['policy'] } });
  reply.add_header('content-type', 'text/plain');
  reply.del_header('x-absent');
  reply.set_body('refused by Lua');
  reply.set_status(reply.status, 'Refused');
  if (reply.body === undefined) txn.done({ status: 500, body: 'no body' });
  txn.done(reply);
});

core.register_action('later', ['tcp-req'], (txn) => {
  if (txn.req.input() > 0 || txn.req.is_full()) return act.STOP;
  act.wake_time(50);
  return txn.req.may_recv() ? act.YIELD : act.ABORT;
});

core.register_action('marks', ['http-req'], (txn) => {
  txn.set_fc_mark(1);
  txn.set_fc_tos(2);
  txn.set_loglevel(core.silent);
  txn.Info(String(txn.f['a_fetch_of_the_future']?.('argument') ?? 'not yet'));
});

core.register_fetches('sum', (txn, one = '0', other = '0') => {
  const sum = txn.c.add(one, other);
  return sum === undefined ? undefined : `${sum} of ${txn.sc.length(one)}+${txn.sc.length(other)} digits`;
});

core.register_fetches('both', (txn) => {
  // `and`, `or` and `not` are words of Lua: the call must be written around them.
  const bits = txn.c.and(12, '10');
  return bits !== undefined && txn.c.not(0) !== undefined ? `${bits}` : undefined;
});

core.register_converters('surround', (text, before = '<', after = '>') => before + text + after);
