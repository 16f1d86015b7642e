// A filter that counts bodies: Filter, HTTPMessage, Channel.

interface Counter extends Filter {
  bytes: number;
  label: string;
}

const counter: Counter = {
  id: 'counts bodies',
  flags: filter.FLT_CFG_FL_HTX,
  bytes: 0,
  label: 'bytes',
  new() {
    return setmetatable({ bytes: 0 } as Counter, { __index: this });
  },
  start_analyze(_txn, channel) {
    if (channel.is_resp()) filter.register_data_filter(this, channel);
    return filter.CONTINUE;
  },
  http_headers(txn, message) {
    if (!message.is_resp()) return filter.CONTINUE;
    const { code } = message.get_stline();
    message.set_header('x-filter', `${this.label} ${code ?? 'none'}`);
    message.add_header('x-lines', message.get_headers().get('server')?.get(0) ?? 'no server');
    message.rep_header('x-lines', 'no (.*)', 'without \\1');
    message.rep_value('x-lines', 'absent', 'present');
    message.del_header('x-absent');
    if (txn.http_res === undefined || message.channel.output() < 0) return filter.ERROR;
    return filter.CONTINUE;
  },
  http_payload(_txn, message) {
    const body = message.body(0, -1);
    if (body !== undefined) this.bytes += body.length;
    if (message.eom() && !message.may_recv()) message.append('');
  },
  http_end() {
    core.Info(`filter saw ${this.bytes} ${this.label}`);
    filter.wake_time(10);
    return filter.CONTINUE;
  },
  end_analyze(_txn, channel) {
    filter.unregister_data_filter(this, channel);
  },
  tcp_payload(_txn, channel) {
    const line = channel.line() ?? '';
    channel.remove(0, line.length);
    channel.prepend(line);
    return channel.input();
  },
};

core.register_filter('counter', counter, (made, args) => {
  made.label = args[0] ?? 'bytes';
  return made;
});

/** What a filter may do to a message, and an action of a TCP proxy to a channel. */
export function rework(message: HTTPMessage, channel: Channel): number {
  if (message.is_full() || channel.is_full()) return message.input() + message.output();
  if (message.set_body_len('chunked')) message.set(message.body() ?? '');
  message.insert('a', 0);
  message.prepend('b');
  message.remove(0, 1);
  message.send('c');
  message.unset_eom();
  message.set_eom();
  const renamed =
    message.set_method('PUT') && message.set_path('/a') && message.set_query('b') && message.set_uri('/a?b');
  if (!renamed) message.set_status(500, 'Not renamed');
  channel.append(channel.data() ?? '');
  channel.insert('a');
  channel.set('b', 0, 1);
  channel.send('c');
  return message.forward(message.input()) + channel.forward(channel.input());
}
