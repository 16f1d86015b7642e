/** @noSelfInFile */

/** A truth value: an integer up to 3.1, from 3.2 on a boolean if `tune.lua.bool-sample-conversion normal` says so. In Lua 0 is true. */
type SampleBoolean = boolean | 0 | 1;

/**
 * HAProxy's sample fetches, `txn.f`: every one of the configuration manual, its `-`, `.` and `+` written `_`. Each answers
 * nil where it has no value, or is not allowed. A stick table, backend, frontend or user list is given by name.
 * @see HAProxy Lua API, "Fetches class"; HAProxy configuration manual, "Fetching data samples"
 */
interface Fetches {
  /** When the connection was accepted, in the unit asked for. @since 2.9 */
  accept_date(unit?: string): number | undefined;
  /** Whether all the named ACLs match. @since 2.7 to 3.0 */
  acl(name: string, ...more: string[]): SampleBoolean | undefined;
  /** Connections of the process. @since 2.9 */
  act_conn(): number | undefined;
  /** Always false. @since 2.4 or before */
  always_false(): SampleBoolean | undefined;
  /** Always true. @since 2.4 or before */
  always_true(): SampleBoolean | undefined;
  /** Queued connections of a backend for each of its active servers. @since 2.4 or before */
  avg_queue(backend: string): number | undefined;
  /** Host and path, without the query string. @since 2.4 or before */
  base(): string | undefined;
  /** A 32-bit hash of `base`. @since 2.4 or before */
  base32(): number | undefined;
  /** `base32` followed by the client's address, as bytes. @since 2.4 or before */
  base32_src(): string | undefined;
  /** Host and path with the query string. @since 2.4 */
  baseq(): string | undefined;
  /** Requests ahead in the backend's queue. @since 2.7 to 3.0 */
  bc_be_queue(): number | undefined;
  /** Destination address of the connection with the server. @since 2.4 */
  bc_dst(): string | undefined;
  /** Destination port of the connection with the server. @since 2.4 */
  bc_dst_port(): number | undefined;
  /** Error of the connection with the server. @since 2.5 */
  bc_err(): number | undefined;
  /** Error of the connection with the server, by its name. @since 3.1; also 3.0.11 */
  bc_err_name(): string | undefined;
  /** Error of the connection with the server, in words. @since 2.5 */
  bc_err_str(): string | undefined;
  /** Protocol glitches of the connection with the server. @since 2.7 to 3.0 */
  bc_glitches(): number | undefined;
  /** HTTP major version with the server. @since 2.4 or before */
  bc_http_major(): number | undefined;
  /** Streams of the connection with the server. @since 2.7 to 3.0 */
  bc_nb_streams(): number | undefined;
  /** Whether the connection to the server was reused. @since 3.2 */
  bc_reused(): SampleBoolean | undefined;
  /** Round-trip time to the server, in the unit asked for. @since 2.8 */
  bc_rtt(unit?: string): number | undefined;
  /** Variation of the round-trip time to the server. @since 2.8 */
  bc_rttvar(unit?: string): number | undefined;
  /** Limit of streams that the server set; misspelt until 3.1. @since 2.7 to 3.0; gone in 3.2 */
  bc_setting_streams_limit(): number | undefined;
  /** Limit of streams of the connection with the server. @since 3.1 or 3.2 */
  bc_settings_streams_limit(): number | undefined;
  /** Source address of the connection with the server. @since 2.4 */
  bc_src(): string | undefined;
  /** Source port of the connection with the server. @since 2.4 */
  bc_src_port(): number | undefined;
  /** Requests ahead in the server's queue. @since 2.7 to 3.0 */
  bc_srv_queue(): number | undefined;
  /** Milliseconds to connect to the server. @since 2.7 to 3.0 */
  bc_timer_connect(): number | undefined;
  /** Connections that a backend has now. @since 2.4 or before */
  be_conn(backend: string): number | undefined;
  /** Connections that the servers of a backend could still take. @since 2.4 or before */
  be_conn_free(backend: string): number | undefined;
  /** Milliseconds of the backend's `timeout connect`. @since 3.3 or 3.4 */
  be_connect_timeout(): number | undefined;
  /** Number of the backend. @since 2.4 or before */
  be_id(): number | undefined;
  /** Name of the backend. @since 2.4 or before */
  be_name(): string | undefined;
  /** Milliseconds of the backend's `timeout queue`. @since 3.3 or 3.4 */
  be_queue_timeout(): number | undefined;
  /** Milliseconds of the backend's `timeout server`. @since 2.3 to 2.6 */
  be_server_timeout(): number | undefined;
  /** Sessions per second of a backend. @since 2.4 or before */
  be_sess_rate(backend: string): number | undefined;
  /** Milliseconds of the backend's `timeout tarpit`. @since 3.3 or 3.4 */
  be_tarpit_timeout(): number | undefined;
  /** Milliseconds of the backend's `timeout tunnel`. @since 2.3 to 2.6 */
  be_tunnel_timeout(): number | undefined;
  /** The bytes written as hexadecimal digits. @since 2.4 or before */
  bin(value: string): string | undefined;
  /** The boolean written as a word or number. @since 2.4 or before */
  bool(value: string): SampleBoolean | undefined;
  /** Whether the stream with the server was aborted. @since 2.7 to 3.0 */
  bs_aborted(): number | undefined;
  /** State of the stream with the server, for debugging. @since 2.7 to 3.0 */
  bs_debug_str(bits?: number): string | undefined;
  /** Number of the multiplexed stream with the server. @since 2.7 to 3.0 */
  bs_id(): number | undefined;
  /** Reset code of the stream with the server. @since 2.7 to 3.0 */
  bs_rst_code(): number | undefined;
  /** Bytes received from the client. @since 2.9 */
  bytes_in(): number | undefined;
  /** Bytes sent to the client. @since 2.9 */
  bytes_out(): number | undefined;
  /** A captured request header, by its number. @since 2.4 or before */
  capture_req_hdr(slot: number): string | undefined;
  /** Method of the request, as captured. @since 2.4 or before */
  capture_req_method(): string | undefined;
  /** URI of the request, as captured. @since 2.4 or before */
  capture_req_uri(): string | undefined;
  /** Version of the request, as captured. @since 2.4 or before */
  capture_req_ver(): string | undefined;
  /** A captured response header, by its number. @since 2.4 or before */
  capture_res_hdr(slot: number): string | undefined;
  /** Version of the response, as captured. @since 2.4 or before */
  capture_res_ver(): string | undefined;
  /** Connections and queue places that the servers of a backend still have. @since 2.4 or before */
  connslots(backend: string): number | undefined;
  /** Value of a request cookie. @since 2.4 or before */
  cook(name?: string): string | undefined;
  /** How often a request cookie occurs. @since 2.4 or before */
  cook_cnt(name?: string): number | undefined;
  /** Value of a request cookie as an integer. @since 2.4 or before */
  cook_val(name?: string): number | undefined;
  /** Value of a request or response cookie. @since 2.4 or before */
  cookie(name?: string): string | undefined;
  /** Calls of the stream's task so far. @since 2.4 or before */
  cpu_calls(): number | undefined;
  /** Nanoseconds of CPU for each call of the stream's task. @since 2.4 or before */
  cpu_ns_avg(): number | undefined;
  /** Nanoseconds of CPU of the stream's task. @since 2.4 or before */
  cpu_ns_tot(): number | undefined;
  /** CPU use in percent of the thread group. @since 3.3 or 3.4 */
  cpu_usage_grp(): number | undefined;
  /** CPU use in percent of the process. @since 3.3 or 3.4 */
  cpu_usage_proc(): number | undefined;
  /** CPU use in percent of the thread. @since 3.3 or 3.4 */
  cpu_usage_thr(): number | undefined;
  /** Milliseconds of the stream's client timeout. @since 2.7 to 3.0 */
  cur_client_timeout(): number | undefined;
  /** Milliseconds of the stream's connect timeout. @since 3.3 or 3.4 */
  cur_connect_timeout(): number | undefined;
  /** Milliseconds of the stream's queue timeout. @since 3.3 or 3.4 */
  cur_queue_timeout(): number | undefined;
  /** Milliseconds of the stream's server timeout. @since 2.3 to 2.6 */
  cur_server_timeout(): number | undefined;
  /** Milliseconds of the stream's tarpit timeout. @since 3.3 or 3.4 */
  cur_tarpit_timeout(): number | undefined;
  /** Milliseconds of the stream's tunnel timeout. @since 2.3 to 2.6 */
  cur_tunnel_timeout(): number | undefined;
  /** Time in seconds, plus an offset, in the unit asked for. @since 2.4 or before */
  date(offset?: number, unit?: string): number | undefined;
  /** Microseconds within the present second. @since 2.4 or before */
  date_us(): number | undefined;
  /** Body of a distcc token, by name and occurrence. @since 2.4 or before */
  distcc_body(name: string, occurrence?: number): string | undefined;
  /** Parameter of a distcc token, by name and occurrence. @since 2.4 or before */
  distcc_param(name: string, occurrence?: number): number | undefined;
  /** Address that the client asked for. @since 2.4 or before */
  dst(): string | undefined;
  /** Connections of the listener that took this one. @since 2.4 or before */
  dst_conn(): number | undefined;
  /** Whether the address asked for is of this machine. @since 2.4 or before */
  dst_is_local(): SampleBoolean | undefined;
  /** Port that the client asked for. @since 2.4 or before */
  dst_port(): number | undefined;
  /** All variables of a scope as text. @since 3.4 */
  dump_all_vars(scope?: string, text2?: string, text3?: string): string | undefined;
  /** An environment variable, as it was at the start. @since 2.4 or before */
  env(name: string): string | undefined;
  /** Destination address of the connection with the client. @since 2.3 to 2.6 */
  fc_dst(): string | undefined;
  /** Whether the destination of the connection with the client is this machine. @since 2.3 to 2.6 */
  fc_dst_is_local(): SampleBoolean | undefined;
  /** Destination port of the connection with the client. @since 2.3 to 2.6 */
  fc_dst_port(): number | undefined;
  /** Error of the connection with the client. @since 2.5 */
  fc_err(): number | undefined;
  /** Error of the connection with the client, by its name. @since 3.1; also 3.0.11 */
  fc_err_name(): string | undefined;
  /** Error of the connection with the client, in words. @since 2.5 */
  fc_err_str(): string | undefined;
  /** Forward-acknowledged packets (TCP_INFO). @since 2.4 or before */
  fc_fackets(text?: string): number | undefined;
  /** Protocol glitches of the connection with the client. @since 2.7 to 3.0 */
  fc_glitches(): number | undefined;
  /** HTTP major version with the client. @since 2.4 or before */
  fc_http_major(): number | undefined;
  /** Lost packets (TCP_INFO). @since 2.4 or before */
  fc_lost(text?: string): number | undefined;
  /** Streams of the connection with the client. @since 2.7 to 3.0 */
  fc_nb_streams(): number | undefined;
  /** Host name of the PROXY protocol header. @since 2.4 or before */
  fc_pp_authority(): string | undefined;
  /** A TLV of the PROXY protocol header, by number or name. @since 2.7 to 3.0 */
  fc_pp_tlv(type: string): string | undefined;
  /** Unique id of the PROXY protocol header. @since 2.4 or before */
  fc_pp_unique_id(): string | undefined;
  /** Whether a PROXY protocol header came. @since 2.4 or before */
  fc_rcvd_proxy(): SampleBoolean | undefined;
  /** Reordered packets (TCP_INFO). @since 2.4 or before */
  fc_reordering(text?: string): number | undefined;
  /** Retransmitted packets (TCP_INFO). @since 2.4 or before */
  fc_retrans(text?: string): number | undefined;
  /** Round-trip time to the client, in the unit asked for. @since 2.4 or before */
  fc_rtt(unit?: string): number | undefined;
  /** Variation of the round-trip time to the client. @since 2.4 or before */
  fc_rttvar(unit?: string): number | undefined;
  /** Selectively acknowledged packets (TCP_INFO). @since 2.4 or before */
  fc_sacked(text?: string): number | undefined;
  /** The client's SYN packet, if saved, as bytes. @since 3.4 */
  fc_saved_syn(): string | undefined;
  /** Limit of streams of the connection with the client. @since 2.7 to 3.0 */
  fc_settings_streams_limit(): number | undefined;
  /** Source address of the connection with the client. @since 2.3 to 2.6 */
  fc_src(): string | undefined;
  /** Whether the source of the connection with the client is this machine. @since 2.3 to 2.6 */
  fc_src_is_local(): SampleBoolean | undefined;
  /** Source port of the connection with the client. @since 2.3 to 2.6 */
  fc_src_port(): number | undefined;
  /** Milliseconds of the client's handshakes. @since 2.7 to 3.0 */
  fc_timer_handshake(): number | undefined;
  /** Milliseconds since the client connected. @since 2.7 to 3.0 */
  fc_timer_total(): number | undefined;
  /** Unacknowledged packets (TCP_INFO). @since 2.4 or before */
  fc_unacked(text?: string): number | undefined;
  /** Document root of the FastCGI application. @since 2.4 or before */
  fcgi_docroot(): string | undefined;
  /** Index file of the FastCGI application. @since 2.4 or before */
  fcgi_index(): string | undefined;
  /** Milliseconds of the frontend's `timeout client`. @since 2.3 to 2.6 */
  fe_client_timeout(): number | undefined;
  /** Connections that a frontend has now. @since 2.4 or before */
  fe_conn(frontend: string): number | undefined;
  /** Name of the frontend's default backend. @since 2.4 or before */
  fe_defbe(): string | undefined;
  /** Number of the frontend. @since 2.4 or before */
  fe_id(): number | undefined;
  /** Name of the frontend. @since 2.4 or before */
  fe_name(): string | undefined;
  /** Requests per second of a frontend. @since 2.4 or before */
  fe_req_rate(frontend: string): number | undefined;
  /** Sessions per second of a frontend. @since 2.4 or before */
  fe_sess_rate(frontend: string): number | undefined;
  /** Milliseconds of the frontend's `timeout tarpit`. @since 3.3 or 3.4 */
  fe_tarpit_timeout(): number | undefined;
  /** Whether the stream with the client was aborted. @since 2.7 to 3.0 */
  fs_aborted(): number | undefined;
  /** State of the stream with the client, for debugging. @since 2.7 to 3.0 */
  fs_debug_str(bits?: number): string | undefined;
  /** Number of the multiplexed stream with the client. @since 2.7 to 3.0 */
  fs_id(): string | undefined;
  /** Reset code of the stream with the client. @since 2.7 to 3.0 */
  fs_rst_code(): number | undefined;
  /** Value of a request or response header, by name and occurrence; values are split at commas. @since 2.4 or before */
  hdr(name?: string, occurrence?: number): string | undefined;
  /** How often a request header occurs. @since 2.4 or before */
  hdr_cnt(name?: string): number | undefined;
  /** Value of a request header as an address. @since 2.4 or before */
  hdr_ip(name?: string, occurrence?: number): string | undefined;
  /** Value of a request header as an integer. @since 2.4 or before */
  hdr_val(name?: string, occurrence?: number): number | undefined;
  /** Name of this machine. @since 2.4 or before */
  hostname(): string | undefined;
  /** Whether user and password are in the user list. @since 2.4 or before */
  http_auth(userList: string): SampleBoolean | undefined;
  /** Token of the Authorization header, or of the header named. @since 2.5 */
  http_auth_bearer(name?: string): string | undefined;
  /** Group of the user list that the user belongs to. @since 2.4 or before */
  http_auth_group(userList: string): string | undefined;
  /** Password of the Authorization header. @since 2.4 or before */
  http_auth_pass(): string | undefined;
  /** Scheme of the Authorization header. @since 2.4 or before */
  http_auth_type(): string | undefined;
  /** User of the Authorization header. @since 2.4 or before */
  http_auth_user(): string | undefined;
  /** Whether this is the connection's first request. @since 2.4 or before */
  http_first_req(): SampleBoolean | undefined;
  /** The integer itself. @since 2.4 or before */
  int(value: number): number | undefined;
  /** The IPv4 address itself. @since 2.4 or before */
  ipv4(address: string): string | undefined;
  /** The IPv6 address itself. @since 2.4 or before */
  ipv6(address: string): string | undefined;
  /** What was running last: a rule or a filter. @since 3.1 */
  last_entity(): string | undefined;
  /** File of the last rule that ended an analysis. @since 2.6 */
  last_rule_file(): string | undefined;
  /** Line of the last rule that ended an analysis. @since 2.6 */
  last_rule_line(): number | undefined;
  /** Nanoseconds of waiting for each call of the stream's task. @since 2.4 or before */
  lat_ns_avg(): number | undefined;
  /** Nanoseconds of waiting of the stream's task. @since 2.4 or before */
  lat_ns_tot(): number | undefined;
  /** The HTTP method itself. @since 2.4 or before */
  meth(name: string): string | undefined;
  /** Method of the request. @since 2.4 or before */
  method(): string | undefined;
  /** Number of processes; always 1 in recent versions. @since 2.4 or before */
  nbproc(): number | undefined;
  /** Usable servers of a backend. @since 2.4 or before */
  nbsrv(backend: string): number | undefined;
  /** Path of the request. @since 2.4 or before */
  path(): string | undefined;
  /** Path of the request with the query string. @since 2.4 or before */
  pathq(): string | undefined;
  /** Bytes of the buffer, by offset and length. @since 2.4 or before */
  payload(offset: number, length: number): string | undefined;
  /** Bytes of the buffer whose length is written before them. @since 2.4 or before */
  payload_lv(lengthOffset: number, lengthSize: number, bufferOffset?: string): string | undefined;
  /** Process id. @since 2.7 to 3.0 */
  pid(): number | undefined;
  /** Class of the transaction in the queue. @since 2.4 or before */
  prio_class(): number | undefined;
  /** Place of the transaction within its class. @since 2.4 or before */
  prio_offset(): number | undefined;
  /** Number of the process. @since 2.4 or before */
  proc(): number | undefined;
  /** Query string of the request, without `?`. @since 2.4 or before */
  query(flag?: string): string | undefined;
  /** Connections that wait in a backend and its servers. @since 2.4 or before */
  queue(backend: string): number | undefined;
  /** Whether QUIC is on. @since 2.8 */
  quic_enabled(): SampleBoolean | undefined;
  /** A random integer, below the bound if one is given. @since 2.4 or before */
  rand(bound?: number): number | undefined;
  /** Value of an RDP cookie. @since 2.4 or before */
  rdp_cookie(name?: string): string | undefined;
  /** How often an RDP cookie occurs. @since 2.4 or before */
  rdp_cookie_cnt(name?: string): number | undefined;
  /** Type of the TLS hello of the server: 2. @since 2.4 or before */
  rep_ssl_hello_type(): number | undefined;
  /** Body of the request, as far as it has come. @since 2.4 or before */
  req_body(): string | undefined;
  /** Bytes of the body that have come. @since 2.4 or before */
  req_body_len(): number | undefined;
  /** A parameter of a form in the body. @since 2.4 or before */
  req_body_param(name?: string, flag?: string): string | undefined;
  /** Announced length of the request's body. @since 2.4 or before */
  req_body_size(): number | undefined;
  /** Bytes of the request received. @since 3.3 or 3.4 */
  req_bytes_in(): number | undefined;
  /** Bytes of the request sent on. @since 3.3 or 3.4 */
  req_bytes_out(): number | undefined;
  /** Value of a request cookie. @since 2.4 or before */
  req_cook(name?: string): string | undefined;
  /** How often a request cookie occurs. @since 2.4 or before */
  req_cook_cnt(name?: string): number | undefined;
  /** Names of the request's cookies, joined by the delimiter. @since 2.7 to 3.0 */
  req_cook_names(delimiter?: string): string | undefined;
  /** Value of a request cookie as an integer. @since 2.4 or before */
  req_cook_val(name?: string): number | undefined;
  /** Value of a request header, by name and occurrence, not split at commas. @since 2.4 or before */
  req_fhdr(name?: string, occurrence?: number): string | undefined;
  /** How many lines of a request header there are. @since 2.4 or before */
  req_fhdr_cnt(name?: string): number | undefined;
  /** Value of a request or response header, by name and occurrence; values are split at commas. @since 2.4 or before */
  req_hdr(name?: string, occurrence?: number): string | undefined;
  /** How often a request header occurs. @since 2.4 or before */
  req_hdr_cnt(name?: string): number | undefined;
  /** Value of a request header as an address. @since 2.4 or before */
  req_hdr_ip(name?: string, occurrence?: number): string | undefined;
  /** Names of the request's headers, joined by the delimiter. @since 2.4 or before */
  req_hdr_names(delimiter?: string): string | undefined;
  /** Value of a request header as an integer. @since 2.4 or before */
  req_hdr_val(name?: string, occurrence?: number): number | undefined;
  /** Head of the request as text. @since 2.4 or before */
  req_hdrs(): string | undefined;
  /** Head of the request in a binary form. @since 2.4 or before */
  req_hdrs_bin(): string | undefined;
  /** Bytes in the request's buffer. @since 2.4 or before */
  req_len(): number | undefined;
  /** Bytes of the request's buffer, by offset and length. @since 2.4 or before */
  req_payload(offset: number, length: number): string | undefined;
  /** Bytes of the request's buffer whose length is written before them. @since 2.4 or before */
  req_payload_lv(lengthOffset: number, lengthSize: number, bufferOffset?: string): string | undefined;
  /** Whether the request looks like HTTP. @since 2.4 or before */
  req_proto_http(): SampleBoolean | undefined;
  /** Value of an RDP cookie. @since 2.4 or before */
  req_rdp_cookie(name?: string): string | undefined;
  /** How often an RDP cookie occurs. @since 2.4 or before */
  req_rdp_cookie_cnt(name?: string): number | undefined;
  /** Protocols offered by ALPN in a TLS hello that passes by. @since 2.4 or before */
  req_ssl_alpn(): string | undefined;
  /** Ciphers of a TLS hello that passes by, as bytes. @since 3.1 or 3.2 */
  req_ssl_cipherlist(): string | undefined;
  /** Whether a TLS hello that passes by names elliptic curves. @since 2.4 or before */
  req_ssl_ec_ext(): SampleBoolean | undefined;
  /** Type of the TLS hello of the client: 1. @since 2.4 or before */
  req_ssl_hello_type(): number | undefined;
  /** Key share groups of a TLS hello that passes by, as bytes. @since 3.1 or 3.2 */
  req_ssl_keyshare_groups(): string | undefined;
  /** Signature algorithms of a TLS hello that passes by, as bytes. @since 3.1 or 3.2 */
  req_ssl_sigalgs(): string | undefined;
  /** Server name of a TLS hello that passes by. @since 2.4 or before */
  req_ssl_sni(): string | undefined;
  /** Session ticket of a TLS hello: 0 none, 1 asked for, 2 given. @since 2.4 or before */
  req_ssl_st_ext(): number | undefined;
  /** Groups of a TLS hello that passes by, as bytes. @since 3.1 or 3.2 */
  req_ssl_supported_groups(): string | undefined;
  /** Version of a TLS hello that passes by. @since 2.4 or before */
  req_ssl_ver(): number | undefined;
  /** Milliseconds to receive the request's head. @since 2.7 to 3.0 */
  req_timer_hdr(): number | undefined;
  /** Milliseconds idle before the request. @since 2.7 to 3.0 */
  req_timer_idle(): number | undefined;
  /** Milliseconds in the queue. @since 2.7 to 3.0 */
  req_timer_queue(): number | undefined;
  /** Milliseconds from acceptance or idleness to the end of the request's head. @since 2.7 to 3.0 */
  req_timer_tq(): number | undefined;
  /** Version of the request, such as `1.1`. @since 2.4 or before */
  req_ver(): string | undefined;
  /** When the request's first byte came, in the unit asked for. @since 2.9 */
  request_date(unit?: string): number | undefined;
  /** Body of the response, as far as it has come. @since 2.4 or before */
  res_body(): string | undefined;
  /** Bytes of the response's body that have come. @since 2.4 or before */
  res_body_len(): number | undefined;
  /** Announced length of the response's body. @since 2.4 or before */
  res_body_size(): number | undefined;
  /** Bytes of the response received. @since 3.3 or 3.4 */
  res_bytes_in(): number | undefined;
  /** Bytes of the response sent on. @since 3.3 or 3.4 */
  res_bytes_out(): number | undefined;
  /** Whether the response comes from the cache. @since 2.3 */
  res_cache_hit(): SampleBoolean | undefined;
  /** Name of the cache that the response comes from. @since 2.3 */
  res_cache_name(): string | undefined;
  /** Whether HAProxy compresses the response. @since 2.4 or before */
  res_comp(): SampleBoolean | undefined;
  /** How HAProxy compresses the response. @since 2.4 or before */
  res_comp_algo(): string | undefined;
  /** Value of a response cookie. @since 2.4 or before */
  res_cook(name?: string): string | undefined;
  /** How often a response cookie occurs. @since 2.4 or before */
  res_cook_cnt(name?: string): number | undefined;
  /** Names of the response's cookies, joined by the delimiter. @since 2.7 to 3.0 */
  res_cook_names(delimiter?: string): string | undefined;
  /** Value of a response cookie as an integer. @since 2.4 or before */
  res_cook_val(name?: string): number | undefined;
  /** Value of a response header, by name and occurrence, not split at commas. @since 2.4 or before */
  res_fhdr(name?: string, occurrence?: number): string | undefined;
  /** How many lines of a response header there are. @since 2.4 or before */
  res_fhdr_cnt(name?: string): number | undefined;
  /** Value of a response header, by name and occurrence; values are split at commas. @since 2.4 or before */
  res_hdr(name?: string, occurrence?: number): string | undefined;
  /** How often a response header occurs. @since 2.4 or before */
  res_hdr_cnt(name?: string): number | undefined;
  /** Value of a response header as an address. @since 2.4 or before */
  res_hdr_ip(name?: string, occurrence?: number): string | undefined;
  /** Names of the response's headers, joined by the delimiter. @since 2.4 or before */
  res_hdr_names(delimiter?: string): string | undefined;
  /** Value of a response header as an integer. @since 2.4 or before */
  res_hdr_val(name?: string, occurrence?: number): number | undefined;
  /** Head of the response as text. @since 2.4 or before */
  res_hdrs(): string | undefined;
  /** Head of the response in a binary form. @since 2.4 or before */
  res_hdrs_bin(): string | undefined;
  /** Bytes in the response's buffer. @since 2.4 or before */
  res_len(): number | undefined;
  /** Bytes of the response's buffer, by offset and length. @since 2.4 or before */
  res_payload(offset: number, length: number): string | undefined;
  /** Bytes of the response's buffer whose length is written before them. @since 2.4 or before */
  res_payload_lv(lengthOffset: number, lengthSize: number, bufferOffset?: string): string | undefined;
  /** Type of the TLS hello of the server: 2. @since 2.4 or before */
  res_ssl_hello_type(): number | undefined;
  /** Milliseconds to transfer the response. @since 2.7 to 3.0 */
  res_timer_data(): number | undefined;
  /** Milliseconds until the response's head came. @since 2.7 to 3.0 */
  res_timer_hdr(): number | undefined;
  /** Version of the response, such as `1.1`. @since 2.4 or before */
  res_ver(): string | undefined;
  /** Version of the response, such as `1.1`. @since 2.4 or before */
  resp_ver(): string | undefined;
  /** Bytes received in the rate period, for tracking counter 0. @since 2.4 or before */
  sc0_bytes_in_rate(table?: string): number | undefined;
  /** Bytes sent in the rate period, for tracking counter 0. @since 2.4 or before */
  sc0_bytes_out_rate(table?: string): number | undefined;
  /** Clears general counter 0, and tells what it was, for tracking counter 0. @since 2.4 or before */
  sc0_clr_gpc0(table?: string): number | undefined;
  /** Clears general counter 1, and tells what it was, for tracking counter 0. @since 2.4 or before */
  sc0_clr_gpc1(table?: string): number | undefined;
  /** Connections counted, for tracking counter 0. @since 2.4 or before */
  sc0_conn_cnt(table?: string): number | undefined;
  /** Connections now, for tracking counter 0. @since 2.4 or before */
  sc0_conn_cur(table?: string): number | undefined;
  /** Connections in the rate period, for tracking counter 0. @since 2.4 or before */
  sc0_conn_rate(table?: string): number | undefined;
  /** General counter 0, for tracking counter 0. @since 2.4 or before */
  sc0_get_gpc0(table?: string): number | undefined;
  /** General counter 1, for tracking counter 0. @since 2.4 or before */
  sc0_get_gpc1(table?: string): number | undefined;
  /** General tag 0, for tracking counter 0. @since 2.4 or before */
  sc0_get_gpt0(table?: string): number | undefined;
  /** Protocol glitches counted, for tracking counter 0. @since 2.7 to 3.0 */
  sc0_glitch_cnt(table?: string): number | undefined;
  /** Protocol glitches in the rate period, for tracking counter 0. @since 2.7 to 3.0 */
  sc0_glitch_rate(table?: string): number | undefined;
  /** Rate of general counter 0, for tracking counter 0. @since 2.4 or before */
  sc0_gpc0_rate(table?: string): number | undefined;
  /** Rate of general counter 1, for tracking counter 0. @since 2.4 or before */
  sc0_gpc1_rate(table?: string): number | undefined;
  /** HTTP errors of the client counted, for tracking counter 0. @since 2.4 or before */
  sc0_http_err_cnt(table?: string): number | undefined;
  /** HTTP errors of the client in the rate period, for tracking counter 0. @since 2.4 or before */
  sc0_http_err_rate(table?: string): number | undefined;
  /** HTTP failures of the server counted, for tracking counter 0. @since 2.3 to 2.6 */
  sc0_http_fail_cnt(table?: string): number | undefined;
  /** HTTP failures of the server in the rate period, for tracking counter 0. @since 2.3 to 2.6 */
  sc0_http_fail_rate(table?: string): number | undefined;
  /** HTTP requests counted, for tracking counter 0. @since 2.4 or before */
  sc0_http_req_cnt(table?: string): number | undefined;
  /** HTTP requests in the rate period, for tracking counter 0. @since 2.4 or before */
  sc0_http_req_rate(table?: string): number | undefined;
  /** Increments general counter 0, and tells what it is, for tracking counter 0. @since 2.4 or before */
  sc0_inc_gpc0(table?: string): number | undefined;
  /** Increments general counter 1, and tells what it is, for tracking counter 0. @since 2.4 or before */
  sc0_inc_gpc1(table?: string): number | undefined;
  /** Kilobytes received, for tracking counter 0. @since 2.4 or before */
  sc0_kbytes_in(table?: string): number | undefined;
  /** Kilobytes sent, for tracking counter 0. @since 2.4 or before */
  sc0_kbytes_out(table?: string): number | undefined;
  /** The key that is tracked, for tracking counter 0. @since 3.1 or 3.2 */
  sc0_key(): string | number | boolean | undefined;
  /** Sessions counted, for tracking counter 0. @since 2.4 or before */
  sc0_sess_cnt(table?: string): number | undefined;
  /** Sessions in the rate period, for tracking counter 0. @since 2.4 or before */
  sc0_sess_rate(table?: string): number | undefined;
  /** Whether an entry is tracked, for tracking counter 0. @since 2.4 or before */
  sc0_tracked(table?: string): SampleBoolean | undefined;
  /** Streams that track the entry, for tracking counter 0. @since 2.4 or before */
  sc0_trackers(table?: string): number | undefined;
  /** Bytes received in the rate period, for tracking counter 1. @since 2.4 or before */
  sc1_bytes_in_rate(table?: string): number | undefined;
  /** Bytes sent in the rate period, for tracking counter 1. @since 2.4 or before */
  sc1_bytes_out_rate(table?: string): number | undefined;
  /** Clears a general counter by number, and tells what it was, for tracking counter 1. @since 2.3 to 2.6 */
  sc1_clr_gpc(index: number, table?: string): number | undefined;
  /** Clears general counter 0, and tells what it was, for tracking counter 1. @since 2.4 or before */
  sc1_clr_gpc0(table?: string): number | undefined;
  /** Clears general counter 1, and tells what it was, for tracking counter 1. @since 2.4 or before */
  sc1_clr_gpc1(table?: string): number | undefined;
  /** Connections counted, for tracking counter 1. @since 2.4 or before */
  sc1_conn_cnt(table?: string): number | undefined;
  /** Connections now, for tracking counter 1. @since 2.4 or before */
  sc1_conn_cur(table?: string): number | undefined;
  /** Connections in the rate period, for tracking counter 1. @since 2.4 or before */
  sc1_conn_rate(table?: string): number | undefined;
  /** General counter 0, for tracking counter 1. @since 2.4 or before */
  sc1_get_gpc0(table?: string): number | undefined;
  /** General counter 1, for tracking counter 1. @since 2.4 or before */
  sc1_get_gpc1(table?: string): number | undefined;
  /** General tag 0, for tracking counter 1. @since 2.4 or before */
  sc1_get_gpt0(table?: string): number | undefined;
  /** Protocol glitches counted, for tracking counter 1. @since 2.7 to 3.0 */
  sc1_glitch_cnt(table?: string): number | undefined;
  /** Protocol glitches in the rate period, for tracking counter 1. @since 2.7 to 3.0 */
  sc1_glitch_rate(table?: string): number | undefined;
  /** Rate of general counter 0, for tracking counter 1. @since 2.4 or before */
  sc1_gpc0_rate(table?: string): number | undefined;
  /** Rate of general counter 1, for tracking counter 1. @since 2.4 or before */
  sc1_gpc1_rate(table?: string): number | undefined;
  /** HTTP errors of the client counted, for tracking counter 1. @since 2.4 or before */
  sc1_http_err_cnt(table?: string): number | undefined;
  /** HTTP errors of the client in the rate period, for tracking counter 1. @since 2.4 or before */
  sc1_http_err_rate(table?: string): number | undefined;
  /** HTTP failures of the server counted, for tracking counter 1. @since 2.3 to 2.6 */
  sc1_http_fail_cnt(table?: string): number | undefined;
  /** HTTP failures of the server in the rate period, for tracking counter 1. @since 2.3 to 2.6 */
  sc1_http_fail_rate(table?: string): number | undefined;
  /** HTTP requests counted, for tracking counter 1. @since 2.4 or before */
  sc1_http_req_cnt(table?: string): number | undefined;
  /** HTTP requests in the rate period, for tracking counter 1. @since 2.4 or before */
  sc1_http_req_rate(table?: string): number | undefined;
  /** Increments general counter 0, and tells what it is, for tracking counter 1. @since 2.4 or before */
  sc1_inc_gpc0(table?: string): number | undefined;
  /** Increments general counter 1, and tells what it is, for tracking counter 1. @since 2.4 or before */
  sc1_inc_gpc1(table?: string): number | undefined;
  /** Kilobytes received, for tracking counter 1. @since 2.4 or before */
  sc1_kbytes_in(table?: string): number | undefined;
  /** Kilobytes sent, for tracking counter 1. @since 2.4 or before */
  sc1_kbytes_out(table?: string): number | undefined;
  /** The key that is tracked, for tracking counter 1. @since 3.1 or 3.2 */
  sc1_key(): string | number | boolean | undefined;
  /** Sessions counted, for tracking counter 1. @since 2.4 or before */
  sc1_sess_cnt(table?: string): number | undefined;
  /** Sessions in the rate period, for tracking counter 1. @since 2.4 or before */
  sc1_sess_rate(table?: string): number | undefined;
  /** Whether an entry is tracked, for tracking counter 1. @since 2.4 or before */
  sc1_tracked(table?: string): SampleBoolean | undefined;
  /** Streams that track the entry, for tracking counter 1. @since 2.4 or before */
  sc1_trackers(table?: string): number | undefined;
  /** Bytes received in the rate period, for tracking counter 2. @since 2.4 or before */
  sc2_bytes_in_rate(table?: string): number | undefined;
  /** Bytes sent in the rate period, for tracking counter 2. @since 2.4 or before */
  sc2_bytes_out_rate(table?: string): number | undefined;
  /** Clears general counter 0, and tells what it was, for tracking counter 2. @since 2.4 or before */
  sc2_clr_gpc0(table?: string): number | undefined;
  /** Clears general counter 1, and tells what it was, for tracking counter 2. @since 2.4 or before */
  sc2_clr_gpc1(table?: string): number | undefined;
  /** Connections counted, for tracking counter 2. @since 2.4 or before */
  sc2_conn_cnt(table?: string): number | undefined;
  /** Connections now, for tracking counter 2. @since 2.4 or before */
  sc2_conn_cur(table?: string): number | undefined;
  /** Connections in the rate period, for tracking counter 2. @since 2.4 or before */
  sc2_conn_rate(table?: string): number | undefined;
  /** General counter 0, for tracking counter 2. @since 2.4 or before */
  sc2_get_gpc0(table?: string): number | undefined;
  /** General counter 1, for tracking counter 2. @since 2.4 or before */
  sc2_get_gpc1(table?: string): number | undefined;
  /** General tag 0, for tracking counter 2. @since 2.4 or before */
  sc2_get_gpt0(table?: string): number | undefined;
  /** Protocol glitches counted, for tracking counter 2. @since 2.7 to 3.0 */
  sc2_glitch_cnt(table?: string): number | undefined;
  /** Protocol glitches in the rate period, for tracking counter 2. @since 2.7 to 3.0 */
  sc2_glitch_rate(table?: string): number | undefined;
  /** Rate of general counter 0, for tracking counter 2. @since 2.4 or before */
  sc2_gpc0_rate(table?: string): number | undefined;
  /** Rate of general counter 1, for tracking counter 2. @since 2.4 or before */
  sc2_gpc1_rate(table?: string): number | undefined;
  /** HTTP errors of the client counted, for tracking counter 2. @since 2.4 or before */
  sc2_http_err_cnt(table?: string): number | undefined;
  /** HTTP errors of the client in the rate period, for tracking counter 2. @since 2.4 or before */
  sc2_http_err_rate(table?: string): number | undefined;
  /** HTTP failures of the server counted, for tracking counter 2. @since 2.3 to 2.6 */
  sc2_http_fail_cnt(table?: string): number | undefined;
  /** HTTP failures of the server in the rate period, for tracking counter 2. @since 2.3 to 2.6 */
  sc2_http_fail_rate(table?: string): number | undefined;
  /** HTTP requests counted, for tracking counter 2. @since 2.4 or before */
  sc2_http_req_cnt(table?: string): number | undefined;
  /** HTTP requests in the rate period, for tracking counter 2. @since 2.4 or before */
  sc2_http_req_rate(table?: string): number | undefined;
  /** Increments general counter 0, and tells what it is, for tracking counter 2. @since 2.4 or before */
  sc2_inc_gpc0(table?: string): number | undefined;
  /** Increments general counter 1, and tells what it is, for tracking counter 2. @since 2.4 or before */
  sc2_inc_gpc1(table?: string): number | undefined;
  /** Kilobytes received, for tracking counter 2. @since 2.4 or before */
  sc2_kbytes_in(table?: string): number | undefined;
  /** Kilobytes sent, for tracking counter 2. @since 2.4 or before */
  sc2_kbytes_out(table?: string): number | undefined;
  /** The key that is tracked, for tracking counter 2. @since 3.1 or 3.2 */
  sc2_key(): string | number | boolean | undefined;
  /** Sessions counted, for tracking counter 2. @since 2.4 or before */
  sc2_sess_cnt(table?: string): number | undefined;
  /** Sessions in the rate period, for tracking counter 2. @since 2.4 or before */
  sc2_sess_rate(table?: string): number | undefined;
  /** Whether an entry is tracked, for tracking counter 2. @since 2.4 or before */
  sc2_tracked(table?: string): SampleBoolean | undefined;
  /** Streams that track the entry, for tracking counter 2. @since 2.4 or before */
  sc2_trackers(table?: string): number | undefined;
  /** Bytes received in the rate period, for the tracking counter of that number. @since 2.4 or before */
  sc_bytes_in_rate(counter: number, table?: string): number | undefined;
  /** Bytes sent in the rate period, for the tracking counter of that number. @since 2.4 or before */
  sc_bytes_out_rate(counter: number, table?: string): number | undefined;
  /** Clears a general counter by number, and tells what it was, for the tracking counter of that number. @since 2.3 to 2.6 */
  sc_clr_gpc(index: number, counter: number, table?: string): number | undefined;
  /** Clears general counter 0, and tells what it was, for the tracking counter of that number. @since 2.4 or before */
  sc_clr_gpc0(counter: number, table?: string): number | undefined;
  /** Clears general counter 1, and tells what it was, for the tracking counter of that number. @since 2.4 or before */
  sc_clr_gpc1(counter: number, table?: string): number | undefined;
  /** Connections counted, for the tracking counter of that number. @since 2.4 or before */
  sc_conn_cnt(counter: number, table?: string): number | undefined;
  /** Connections now, for the tracking counter of that number. @since 2.4 or before */
  sc_conn_cur(counter: number, table?: string): number | undefined;
  /** Connections in the rate period, for the tracking counter of that number. @since 2.4 or before */
  sc_conn_rate(counter: number, table?: string): number | undefined;
  /** A general counter by number, for the tracking counter of that number. @since 2.3 to 2.6 */
  sc_get_gpc(index: number, counter: number, table?: string): number | undefined;
  /** General counter 0, for the tracking counter of that number. @since 2.4 or before */
  sc_get_gpc0(counter: number, table?: string): number | undefined;
  /** General counter 1, for the tracking counter of that number. @since 2.4 or before */
  sc_get_gpc1(counter: number, table?: string): number | undefined;
  /** A general tag by number, for the tracking counter of that number. @since 2.3 to 2.6 */
  sc_get_gpt(index: number, counter: number, table?: string): number | undefined;
  /** General tag 0, for the tracking counter of that number. @since 2.4 or before */
  sc_get_gpt0(counter: number, table?: string): number | undefined;
  /** Protocol glitches counted, for the tracking counter of that number. @since 2.7 to 3.0 */
  sc_glitch_cnt(counter: number, table?: string): number | undefined;
  /** Protocol glitches in the rate period, for the tracking counter of that number. @since 2.7 to 3.0 */
  sc_glitch_rate(counter: number, table?: string): number | undefined;
  /** Rate of general counter 0, for the tracking counter of that number. @since 2.4 or before */
  sc_gpc0_rate(counter: number, table?: string): number | undefined;
  /** Rate of general counter 1, for the tracking counter of that number. @since 2.4 or before */
  sc_gpc1_rate(counter: number, table?: string): number | undefined;
  /** Rate of a general counter by number, for the tracking counter of that number. @since 2.3 to 2.6 */
  sc_gpc_rate(index: number, counter: number, table?: string): number | undefined;
  /** HTTP errors of the client counted, for the tracking counter of that number. @since 2.4 or before */
  sc_http_err_cnt(counter: number, table?: string): number | undefined;
  /** HTTP errors of the client in the rate period, for the tracking counter of that number. @since 2.4 or before */
  sc_http_err_rate(counter: number, table?: string): number | undefined;
  /** HTTP failures of the server counted, for the tracking counter of that number. @since 2.3 to 2.6 */
  sc_http_fail_cnt(counter: number, table?: string): number | undefined;
  /** HTTP failures of the server in the rate period, for the tracking counter of that number. @since 2.3 to 2.6 */
  sc_http_fail_rate(counter: number, table?: string): number | undefined;
  /** HTTP requests counted, for the tracking counter of that number. @since 2.4 or before */
  sc_http_req_cnt(counter: number, table?: string): number | undefined;
  /** HTTP requests in the rate period, for the tracking counter of that number. @since 2.4 or before */
  sc_http_req_rate(counter: number, table?: string): number | undefined;
  /** Increments a general counter by number, and tells what it is, for the tracking counter of that number. @since 2.3 to 2.6 */
  sc_inc_gpc(index: number, counter: number, table?: string): number | undefined;
  /** Increments general counter 0, and tells what it is, for the tracking counter of that number. @since 2.4 or before */
  sc_inc_gpc0(counter: number, table?: string): number | undefined;
  /** Increments general counter 1, and tells what it is, for the tracking counter of that number. @since 2.4 or before */
  sc_inc_gpc1(counter: number, table?: string): number | undefined;
  /** Kilobytes received, for the tracking counter of that number. @since 2.4 or before */
  sc_kbytes_in(counter: number, table?: string): number | undefined;
  /** Kilobytes sent, for the tracking counter of that number. @since 2.4 or before */
  sc_kbytes_out(counter: number, table?: string): number | undefined;
  /** The key that is tracked, for the tracking counter of that number. @since 3.1 or 3.2 */
  sc_key(counter: number): string | number | boolean | undefined;
  /** Sessions counted, for the tracking counter of that number. @since 2.4 or before */
  sc_sess_cnt(counter: number, table?: string): number | undefined;
  /** Sessions in the rate period, for the tracking counter of that number. @since 2.4 or before */
  sc_sess_rate(counter: number, table?: string): number | undefined;
  /** Whether an entry is tracked, for the tracking counter of that number. @since 2.4 or before */
  sc_tracked(counter: number, table?: string): SampleBoolean | undefined;
  /** Streams that track the entry, for the tracking counter of that number. @since 2.4 or before */
  sc_trackers(counter: number, table?: string): number | undefined;
  /** Value of a response cookie. @since 2.4 or before */
  scook(name?: string): string | undefined;
  /** How often a response cookie occurs. @since 2.4 or before */
  scook_cnt(name?: string): number | undefined;
  /** Value of a response cookie as an integer. @since 2.4 or before */
  scook_val(name?: string): number | undefined;
  /** Status of the server's response, before rules. @since 2.7 to 3.0 */
  server_status(): number | undefined;
  /** Value of a response header, by name and occurrence; values are split at commas. @since 2.4 or before */
  shdr(name?: string, occurrence?: number): string | undefined;
  /** How often a response header occurs. @since 2.4 or before */
  shdr_cnt(name?: string): number | undefined;
  /** Value of a response header as an address. @since 2.4 or before */
  shdr_ip(name?: string, occurrence?: number): string | undefined;
  /** Value of a response header as an integer. @since 2.4 or before */
  shdr_val(name?: string, occurrence?: number): number | undefined;
  /** Number of the listening socket. @since 2.4 or before */
  so_id(): number | undefined;
  /** Name of the listening socket. @since 2.4 or before */
  so_name(): string | undefined;
  /** Identity of the SPOE engine. @since 3.1 or 3.2 */
  spoe_engine_id(): string | undefined;
  /** Address of the client. @since 2.4 or before */
  src(): string | undefined;
  /** Bytes received in the rate period, for the client's address. @since 2.4 or before */
  src_bytes_in_rate(table: string): number | undefined;
  /** Bytes sent in the rate period, for the client's address. @since 2.4 or before */
  src_bytes_out_rate(table: string): number | undefined;
  /** Clears a general counter by number, and tells what it was, for the client's address. @since 2.3 to 2.6 */
  src_clr_gpc(index: number, table: string): number | undefined;
  /** Clears general counter 0, and tells what it was, for the client's address. @since 2.4 or before */
  src_clr_gpc0(table: string): number | undefined;
  /** Clears general counter 1, and tells what it was, for the client's address. @since 2.4 or before */
  src_clr_gpc1(table: string): number | undefined;
  /** Connections counted, for the client's address. @since 2.4 or before */
  src_conn_cnt(table: string): number | undefined;
  /** Connections now, for the client's address. @since 2.4 or before */
  src_conn_cur(table: string): number | undefined;
  /** Connections in the rate period, for the client's address. @since 2.4 or before */
  src_conn_rate(table: string): number | undefined;
  /** A general counter by number, for the client's address. @since 2.3 to 2.6 */
  src_get_gpc(index: number, table: string): number | undefined;
  /** General counter 0, for the client's address. @since 2.4 or before */
  src_get_gpc0(table: string): number | undefined;
  /** General counter 1, for the client's address. @since 2.4 or before */
  src_get_gpc1(table: string): number | undefined;
  /** A general tag by number, for the client's address. @since 2.3 to 2.6 */
  src_get_gpt(index: number, table: string): number | undefined;
  /** General tag 0, for the client's address. @since 2.4 or before */
  src_get_gpt0(table: string): number | undefined;
  /** Protocol glitches counted, for the client's address. @since 2.7 to 3.0 */
  src_glitch_cnt(table: string): number | undefined;
  /** Protocol glitches in the rate period, for the client's address. @since 2.7 to 3.0 */
  src_glitch_rate(table: string): number | undefined;
  /** Rate of general counter 0, for the client's address. @since 2.4 or before */
  src_gpc0_rate(table: string): number | undefined;
  /** Rate of general counter 1, for the client's address. @since 2.4 or before */
  src_gpc1_rate(table: string): number | undefined;
  /** Rate of a general counter by number, for the client's address. @since 2.3 to 2.6 */
  src_gpc_rate(index: number, table: string): number | undefined;
  /** HTTP errors of the client counted, for the client's address. @since 2.4 or before */
  src_http_err_cnt(table: string): number | undefined;
  /** HTTP errors of the client in the rate period, for the client's address. @since 2.4 or before */
  src_http_err_rate(table: string): number | undefined;
  /** HTTP failures of the server counted, for the client's address. @since 2.3 to 2.6 */
  src_http_fail_cnt(table: string): number | undefined;
  /** HTTP failures of the server in the rate period, for the client's address. @since 2.3 to 2.6 */
  src_http_fail_rate(table: string): number | undefined;
  /** HTTP requests counted, for the client's address. @since 2.4 or before */
  src_http_req_cnt(table: string): number | undefined;
  /** HTTP requests in the rate period, for the client's address. @since 2.4 or before */
  src_http_req_rate(table: string): number | undefined;
  /** Increments a general counter by number, and tells what it is, for the client's address. @since 2.3 to 2.6 */
  src_inc_gpc(index: number, table: string): number | undefined;
  /** Increments general counter 0, and tells what it is, for the client's address. @since 2.4 or before */
  src_inc_gpc0(table: string): number | undefined;
  /** Increments general counter 1, and tells what it is, for the client's address. @since 2.4 or before */
  src_inc_gpc1(table: string): number | undefined;
  /** Whether the client is on this machine. @since 2.4 or before */
  src_is_local(): SampleBoolean | undefined;
  /** Kilobytes received, for the client's address. @since 2.4 or before */
  src_kbytes_in(table: string): number | undefined;
  /** Kilobytes sent, for the client's address. @since 2.4 or before */
  src_kbytes_out(table: string): number | undefined;
  /** Port of the client. @since 2.4 or before */
  src_port(): number | undefined;
  /** Sessions counted, for the client's address. @since 2.4 or before */
  src_sess_cnt(table: string): number | undefined;
  /** Sessions in the rate period, for the client's address. @since 2.4 or before */
  src_sess_rate(table: string): number | undefined;
  /** Counts one more connection for the client's address in a table. @since 2.4 or before */
  src_updt_conn_cnt(table: string): number | undefined;
  /** Connections of a server. @since 2.4 or before */
  srv_conn(server: string): number | undefined;
  /** Connections that a server could still take. @since 2.4 or before */
  srv_conn_free(server: string): number | undefined;
  /** Number of the server. @since 2.4 or before */
  srv_id(): number | undefined;
  /** Whether a server is up. @since 2.4 or before */
  srv_is_up(server: string): SampleBoolean | undefined;
  /** Configured weight of a server. @since 2.3 to 2.6 */
  srv_iweight(server: string): number | undefined;
  /** Name of the server. @since 2.4 or before */
  srv_name(): string | undefined;
  /** Connections that wait for a server. @since 2.4 or before */
  srv_queue(server: string): number | undefined;
  /** Sessions per second of a server. @since 2.4 or before */
  srv_sess_rate(server: string): number | undefined;
  /** Weight of a server as set by the user. @since 2.3 to 2.6 */
  srv_uweight(server: string): number | undefined;
  /** Effective weight of a server. @since 2.3 to 2.6 */
  srv_weight(server: string): number | undefined;
  /** Whether the connection with the server is TLS. @since 2.4 or before */
  ssl_bc(): SampleBoolean | undefined;
  /** Key size of the cipher with the server. @since 2.4 or before */
  ssl_bc_alg_keysize(): number | undefined;
  /** Protocol agreed on by ALPN with the server. @since 2.4 or before */
  ssl_bc_alpn(): string | undefined;
  /** Cipher with the server. @since 2.4 or before */
  ssl_bc_cipher(): string | undefined;
  /** TLS 1.3 secret for key logs with the server. @since 2.7 to 3.0 */
  ssl_bc_client_early_traffic_secret(): string | undefined;
  /** TLS 1.3 secret for key logs with the server. @since 2.7 to 3.0 */
  ssl_bc_client_handshake_traffic_secret(): string | undefined;
  /** Client random with the server, as bytes. @since 2.4 or before */
  ssl_bc_client_random(): string | undefined;
  /** TLS 1.3 secret for key logs with the server. @since 2.7 to 3.0 */
  ssl_bc_client_traffic_secret_0(): string | undefined;
  /** Curve with the server. @since 2.7 to 3.0 */
  ssl_bc_curve(): string | undefined;
  /** TLS 1.3 secret for key logs with the server. @since 2.7 to 3.0 */
  ssl_bc_early_exporter_secret(): string | undefined;
  /** Last TLS error with the server. @since 2.5 */
  ssl_bc_err(): number | undefined;
  /** Last TLS error with the server, in words. @since 2.5 */
  ssl_bc_err_str(): string | undefined;
  /** TLS 1.3 secret for key logs with the server. @since 2.7 to 3.0 */
  ssl_bc_exporter_secret(): string | undefined;
  /** Whether the TLS session with the server was resumed. @since 2.4 or before */
  ssl_bc_is_resumed(): SampleBoolean | undefined;
  /** Protocol agreed on by NPN with the server. @since 2.4 or before */
  ssl_bc_npn(): string | undefined;
  /** TLS version with the server. @since 2.4 or before */
  ssl_bc_protocol(): string | undefined;
  /** TLS 1.3 secret for key logs with the server. @since 2.7 to 3.0 */
  ssl_bc_server_handshake_traffic_secret(): string | undefined;
  /** Server random with the server, as bytes. @since 2.4 or before */
  ssl_bc_server_random(): string | undefined;
  /** TLS 1.3 secret for key logs with the server. @since 2.7 to 3.0 */
  ssl_bc_server_traffic_secret_0(): string | undefined;
  /** TLS session id with the server. @since 2.4 or before */
  ssl_bc_session_id(): string | undefined;
  /** TLS master key with the server. @since 2.4 or before */
  ssl_bc_session_key(): string | undefined;
  /** Server name sent to the server. @since 3.3; also 3.2.26 */
  ssl_bc_sni(): string | undefined;
  /** TLS unique id (RFC 5929) with the server. @since 2.4 or before */
  ssl_bc_unique_id(): string | undefined;
  /** Bits of the key in use with the server. @since 2.4 or before */
  ssl_bc_use_keysize(): number | undefined;
  /** First error in the client's chain. @since 2.4 or before */
  ssl_c_ca_err(): number | undefined;
  /** Depth of the first error in the client's chain. @since 2.4 or before */
  ssl_c_ca_err_depth(): number | undefined;
  /** Client's chain, DER. @since 2.4 or before */
  ssl_c_chain_der(): string | undefined;
  /** The client's certificate, DER. @since 2.4 or before */
  ssl_c_der(): string | undefined;
  /** Error of the client's certificate. @since 2.4 or before */
  ssl_c_err(): number | undefined;
  /** Issuer of the client's certificate, or a part of it by name. @since 2.4 or before */
  ssl_c_i_dn(part?: string, occurrence?: number, format?: string): string | undefined;
  /** Key algorithm of the client's certificate. @since 2.4 or before */
  ssl_c_key_alg(): string | undefined;
  /** End of validity of the client's certificate, YYMMDDhhmmss[Z]. @since 2.4 or before */
  ssl_c_notafter(): string | undefined;
  /** Start of validity of the client's certificate, YYMMDDhhmmss[Z]. @since 2.4 or before */
  ssl_c_notbefore(): string | undefined;
  /** Subject of the root of the client's chain. @since 2.7 to 3.0 */
  ssl_c_r_dn(part?: string, occurrence?: number, format?: string): string | undefined;
  /** Subject of the client's certificate, or a part of it by name. @since 2.4 or before */
  ssl_c_s_dn(part?: string, occurrence?: number, format?: string): string | undefined;
  /** Alternative names of the client's certificate. @since 3.1 */
  ssl_c_san(): string | undefined;
  /** Serial number of the client's certificate, as bytes. @since 2.4 or before */
  ssl_c_serial(): string | undefined;
  /** SHA-1 of the client's certificate, as bytes. @since 2.4 or before */
  ssl_c_sha1(): string | undefined;
  /** Signature algorithm of the client's certificate. @since 2.4 or before */
  ssl_c_sig_alg(): string | undefined;
  /** Whether the session has a client certificate. @since 2.4 or before */
  ssl_c_used(): SampleBoolean | undefined;
  /** Result of verifying the client's certificate. @since 2.4 or before */
  ssl_c_verify(): number | undefined;
  /** X.509 version of the client's certificate. @since 2.4 or before */
  ssl_c_version(): number | undefined;
  /** The certificate of this end, DER. @since 2.4 or before */
  ssl_f_der(): string | undefined;
  /** Issuer of the certificate of this end, or a part of it by name. @since 2.4 or before */
  ssl_f_i_dn(part?: string, occurrence?: number, format?: string): string | undefined;
  /** Key algorithm of the certificate of this end. @since 2.4 or before */
  ssl_f_key_alg(): string | undefined;
  /** End of validity of the certificate of this end, YYMMDDhhmmss[Z]. @since 2.4 or before */
  ssl_f_notafter(): string | undefined;
  /** Start of validity of the certificate of this end, YYMMDDhhmmss[Z]. @since 2.4 or before */
  ssl_f_notbefore(): string | undefined;
  /** Subject of the certificate of this end, or a part of it by name. @since 2.4 or before */
  ssl_f_s_dn(part?: string, occurrence?: number, format?: string): string | undefined;
  /** Serial number of the certificate of this end, as bytes. @since 2.4 or before */
  ssl_f_serial(): string | undefined;
  /** SHA-1 of the certificate of this end, as bytes. @since 2.4 or before */
  ssl_f_sha1(): string | undefined;
  /** Signature algorithm of the certificate of this end. @since 2.4 or before */
  ssl_f_sig_alg(): string | undefined;
  /** X.509 version of the certificate of this end. @since 2.4 or before */
  ssl_f_version(): number | undefined;
  /** Whether the connection with the client is TLS. @since 2.4 or before */
  ssl_fc(): SampleBoolean | undefined;
  /** Key size of the cipher with the client. @since 2.4 or before */
  ssl_fc_alg_keysize(): number | undefined;
  /** Protocol agreed on by ALPN with the client. @since 2.4 or before */
  ssl_fc_alpn(): string | undefined;
  /** Cipher with the client. @since 2.4 or before */
  ssl_fc_cipher(): string | undefined;
  /** Ciphers that the client offered, as bytes. @since 2.4 or before */
  ssl_fc_cipherlist_bin(filter?: number): string | undefined;
  /** Ciphers that the client offered, as hexadecimal digits. @since 2.4 or before */
  ssl_fc_cipherlist_hex(filter?: number): string | undefined;
  /** Ciphers that the client offered, as text. @since 2.4 or before */
  ssl_fc_cipherlist_str(filter?: number): string | undefined;
  /** A hash of the ciphers that the client offered. @since 2.4 or before */
  ssl_fc_cipherlist_xxh(): number | undefined;
  /** TLS 1.3 secret for key logs with the client. @since 2.4 or before */
  ssl_fc_client_early_traffic_secret(): string | undefined;
  /** TLS 1.3 secret for key logs with the client. @since 2.4 or before */
  ssl_fc_client_handshake_traffic_secret(): string | undefined;
  /** Client random with the client, as bytes. @since 2.4 or before */
  ssl_fc_client_random(): string | undefined;
  /** TLS 1.3 secret for key logs with the client. @since 2.4 or before */
  ssl_fc_client_traffic_secret_0(): string | undefined;
  /** Name of the certificate that was served. @since 3.4 */
  ssl_fc_crtname(): string | undefined;
  /** Curve with the client. @since 2.7 to 3.0 */
  ssl_fc_curve(): string | undefined;
  /** TLS 1.3 secret for key logs with the client. @since 2.4 or before */
  ssl_fc_early_exporter_secret(): string | undefined;
  /** Whether early data came. @since 3.3; also 3.2.26 */
  ssl_fc_early_rcvd(): SampleBoolean | undefined;
  /** Point formats that the client offered, as bytes. @since 2.3 to 2.6 */
  ssl_fc_ecformats_bin(): string | undefined;
  /** Curves that the client offered, as bytes. @since 2.3 to 2.6 */
  ssl_fc_eclist_bin(filter?: number): string | undefined;
  /** Last TLS error with the client. @since 2.5 */
  ssl_fc_err(): number | undefined;
  /** Last TLS error with the client, in words. @since 2.5 */
  ssl_fc_err_str(): string | undefined;
  /** TLS 1.3 secret for key logs with the client. @since 2.4 or before */
  ssl_fc_exporter_secret(): string | undefined;
  /** Extensions that the client sent, as bytes. @since 2.3 to 2.6 */
  ssl_fc_extlist_bin(filter?: number): string | undefined;
  /** Whether a client certificate is present on this connection. @since 2.4 or before */
  ssl_fc_has_crt(): SampleBoolean | undefined;
  /** Whether early data came and the handshake is not over. @since 2.4 or before */
  ssl_fc_has_early(): SampleBoolean | undefined;
  /** Whether the client named a server. @since 2.4 or before */
  ssl_fc_has_sni(): SampleBoolean | undefined;
  /** Whether the TLS session with the client was resumed. @since 2.4 or before */
  ssl_fc_is_resumed(): SampleBoolean | undefined;
  /** Protocol agreed on by NPN with the client. @since 2.4 or before */
  ssl_fc_npn(): string | undefined;
  /** TLS version with the client. @since 2.4 or before */
  ssl_fc_protocol(): string | undefined;
  /** Version of the client's hello. @since 2.3 to 2.6 */
  ssl_fc_protocol_hello_id(): number | undefined;
  /** TLS 1.3 secret for key logs with the client. @since 2.4 or before */
  ssl_fc_server_handshake_traffic_secret(): string | undefined;
  /** Server random with the client, as bytes. @since 2.4 or before */
  ssl_fc_server_random(): string | undefined;
  /** TLS 1.3 secret for key logs with the client. @since 2.4 or before */
  ssl_fc_server_traffic_secret_0(): string | undefined;
  /** TLS session id with the client. @since 2.4 or before */
  ssl_fc_session_id(): string | undefined;
  /** TLS master key with the client. @since 2.4 or before */
  ssl_fc_session_key(): string | undefined;
  /** Signature algorithms that the client offered, as bytes. @since 3.1 */
  ssl_fc_sigalgs_bin(filter?: number): string | undefined;
  /** Server name that the client asked for. @since 2.4 or before */
  ssl_fc_sni(): string | undefined;
  /** Versions that the client offered, as bytes. @since 3.1 */
  ssl_fc_supported_versions_bin(filter?: number): string | undefined;
  /** TLS unique id (RFC 5929) with the client. @since 2.4 or before */
  ssl_fc_unique_id(): string | undefined;
  /** Bits of the key in use with the client. @since 2.4 or before */
  ssl_fc_use_keysize(): number | undefined;
  /** Server's chain, DER. @since 2.4 or before */
  ssl_s_chain_der(): string | undefined;
  /** The server's certificate, DER. @since 2.4 or before */
  ssl_s_der(): string | undefined;
  /** Issuer of the server's certificate, or a part of it by name. @since 2.4 or before */
  ssl_s_i_dn(part?: string, occurrence?: number, format?: string): string | undefined;
  /** Key algorithm of the server's certificate. @since 2.4 or before */
  ssl_s_key_alg(): string | undefined;
  /** End of validity of the server's certificate, YYMMDDhhmmss[Z]. @since 2.4 or before */
  ssl_s_notafter(): string | undefined;
  /** Start of validity of the server's certificate, YYMMDDhhmmss[Z]. @since 2.4 or before */
  ssl_s_notbefore(): string | undefined;
  /** Subject of the server's certificate, or a part of it by name. @since 2.4 or before */
  ssl_s_s_dn(part?: string, occurrence?: number, format?: string): string | undefined;
  /** Serial number of the server's certificate, as bytes. @since 2.4 or before */
  ssl_s_serial(): string | undefined;
  /** SHA-1 of the server's certificate, as bytes. @since 2.4 or before */
  ssl_s_sha1(): string | undefined;
  /** Signature algorithm of the server's certificate. @since 2.4 or before */
  ssl_s_sig_alg(): string | undefined;
  /** X.509 version of the server's certificate. @since 2.4 or before */
  ssl_s_version(): number | undefined;
  /** Status of the response. @since 2.4 or before */
  status(): number | undefined;
  /** Whether the process is stopping. @since 2.4 or before */
  stopping(): SampleBoolean | undefined;
  /** The string itself. @since 2.4 or before */
  str(value: string): string | undefined;
  /** Free entries of a stick table. @since 2.4 or before */
  table_avl(table: string): number | undefined;
  /** Used entries of a stick table. @since 2.4 or before */
  table_cnt(table: string): number | undefined;
  /** Events that ended the stream, for HAProxy's developers. @since 3.2 */
  term_events(): string | undefined;
  /** Number of the thread group. @since 3.3 or 3.4 */
  tgroup(): number | undefined;
  /** Number of the thread, from 0. @since 2.4 or before */
  thread(): number | undefined;
  /** Retries to connect to the server. @since 2.7 to 3.0 */
  txn_conn_retries(): number | undefined;
  /** A 32-bit id of the transaction. @since 2.7 to 3.0 */
  txn_id32(): number | undefined;
  /** Whether the request was given to another server. @since 2.7 to 3.0 */
  txn_redispatched(): SampleBoolean | undefined;
  /** State at the end of the session, two letters as in the log. @since 2.7 to 3.0 */
  txn_sess_term_state(): string | undefined;
  /** Status sent to the client, after rules. @since 2.7 to 3.0 */
  txn_status(): number | undefined;
  /** Milliseconds of the whole transaction. @since 2.7 to 3.0 */
  txn_timer_total(): number | undefined;
  /** Milliseconds as the user sees them, without idle time. @since 2.7 to 3.0 */
  txn_timer_user(): number | undefined;
  /** The request's unique id (`unique-id-format`). @since 2.4 or before */
  unique_id(): string | undefined;
  /** Seconds since the process started. @since 2.7 to 3.0 */
  uptime(): number | undefined;
  /** URI of the request. @since 2.4 or before */
  url(): string | undefined;
  /** A 32-bit hash of host and URI. @since 2.4 or before */
  url32(): number | undefined;
  /** `url32` followed by the client's address, as bytes. @since 2.4 or before */
  url32_src(): string | undefined;
  /** Address written in an absolute URI. @since 2.4 or before */
  url_ip(): string | undefined;
  /** A parameter of the query string. @since 2.4 or before */
  url_param(name?: string, delimiter?: string, flag?: string): string | undefined;
  /** Port written in an absolute URI. @since 2.4 or before */
  url_port(): number | undefined;
  /** A parameter of the query string. @since 2.4 or before */
  urlp(name?: string, delimiter?: string, flag?: string): string | undefined;
  /** A parameter of the query string as an integer. @since 2.4 or before */
  urlp_val(name?: string, delimiter?: string, flag?: string): number | undefined;
  /** A random UUID of the version asked for, 4 unless told. @since 2.4 or before */
  uuid(version?: number): string | undefined;
  /** A variable, or the default given. @since 2.4 or before */
  var(name: string, default_?: string): string | number | boolean | undefined;
  /** True, but only after the inspection delay. @since 2.4 or before */
  wait_end(): SampleBoolean | undefined;
  /** What the stream waits for: a rule or a filter. @since 3.1 */
  waiting_entity(): string | undefined;

  /** A sample fetch of a version younger than this list; nil in a version that does not have it. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- its arguments are not known here.
  [name: string]: (this: Fetches, ...args: any[]) => string | number | boolean | undefined;
}

/** The same fetches with results that are always strings, empty where there is no value: `txn.sf`. */
type StringFetches = {
  readonly [Name in keyof Fetches]: (this: StringFetches, ...args: Parameters<Fetches[Name]>) => string;
};
