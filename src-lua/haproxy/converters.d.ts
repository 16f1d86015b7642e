/** @noSelfInFile */

/** What a converter takes; HAProxy converts it to the type that it needs. */
type SampleInput = string | number | boolean;

/**
 * HAProxy's converters, `txn.c`: every one of the configuration manual, its `-` and `.` written `_`; the input comes first.
 * Each answers nil where it fails. A stick table is given by name.
 * @see HAProxy Lua API, "Converters class"; HAProxy configuration manual, "Converters"
 */
interface Converters {
  /** The sum. @since 2.4 or before */
  add(input: SampleInput, operand: string): number | undefined;
  /** The input with an item appended after a delimiter. @since 2.6 */
  add_item(input: SampleInput, delimiter: string, variable: string, suffix?: string): string | undefined;
  /** Deciphers AES-CBC: key bits, nonce, key. @since 3.4 */
  aes_cbc_dec(input: SampleInput, bits: number, nonce: string, key: string, aad?: string): string | undefined;
  /** Enciphers AES-CBC: key bits, nonce, key. @since 3.4 */
  aes_cbc_enc(input: SampleInput, bits: number, nonce: string, key: string, aad?: string): string | undefined;
  /** Deciphers AES-GCM: key bits, nonce, key and tag, each a variable or base64. @since 2.4 or before */
  aes_gcm_dec(
    input: SampleInput,
    bits: number,
    nonce: string,
    key: string,
    tag: string,
    aad?: string,
  ): string | undefined;
  /** Enciphers AES-GCM: key bits, nonce, key, and the variable for the tag. @since 3.0 */
  aes_gcm_enc(
    input: SampleInput,
    bits: number,
    nonce: string,
    key: string,
    tagVariable: string,
    aad?: string,
  ): string | undefined;
  /** Bits of both. @since 2.4 or before */
  and(input: SampleInput, operand: string): number | undefined;
  /** Decoded base64. @since 2.4 or before */
  b64dec(input: SampleInput): string | undefined;
  /** Written as binary digits. @since 3.3; also 3.2.26 */
  base2(input: SampleInput): string | undefined;
  /** Encoded as base64. @since 2.4 or before */
  base64(input: SampleInput): string | undefined;
  /** Big-endian bytes in decimal, chunk by chunk. @since 2.5 */
  be2dec(input: SampleInput, separator: string, chunkSize?: number, truncate?: number): string | undefined;
  /** Bytes in hexadecimal digits, chunk by chunk. @since 2.5 */
  be2hex(input: SampleInput, separator: string, chunkSize?: number, truncate?: number): string | undefined;
  /** Whether the integer is not zero. @since 2.4 or before */
  bool(input: SampleInput): SampleBoolean | undefined;
  /** A part of the bytes, by offset and length. @since 2.4 or before */
  bytes(input: SampleInput, offset: string, length?: string): string | undefined;
  /** Puts the input into a request capture slot. @since 2.4 or before */
  capture_req(input: SampleInput, slot: number): string | undefined;
  /** Puts the input into a response capture slot. @since 2.4 or before */
  capture_res(input: SampleInput, slot: number): string | undefined;
  /** A text, a variable and a text appended. @since 2.4 or before */
  concat(input: SampleInput, before: string, variable?: string, after?: string): string | undefined;
  /** Bits inverted. @since 2.4 or before */
  cpl(input: SampleInput): number | undefined;
  /** CRC-32. @since 2.4 or before */
  crc32(input: SampleInput, avalanche?: number): number | undefined;
  /** CRC-32C. @since 2.4 or before */
  crc32c(input: SampleInput, avalanche?: number): number | undefined;
  /** The first line alone. @since 2.4 or before */
  cut_crlf(input: SampleInput): string | undefined;
  /** Seconds since the epoch of a date. @since 3.1 or 3.2 */
  date(input: SampleInput): number | undefined;
  /** Writes the input to a debugging target and passes it on. @since 2.4 or before */
  debug(input: SampleInput, prefix?: string, destination?: string): string | number | boolean | undefined;
  /** Digest by the algorithm named. @since 2.4 or before */
  digest(input: SampleInput, algorithm: string): string | undefined;
  /** The quotient. @since 2.4 or before */
  div(input: SampleInput, operand: string): number | undefined;
  /** DJB2 hash. @since 2.4 or before */
  djb2(input: SampleInput, avalanche?: number): number | undefined;
  /** What follows the Ethernet header. @since 3.3 or 3.4 */
  eth_data(input: SampleInput): string | undefined;
  /** Destination of an Ethernet header. @since 3.3 or 3.4 */
  eth_dst(input: SampleInput): string | undefined;
  /** Ethernet header alone. @since 3.3 or 3.4 */
  eth_hdr(input: SampleInput): string | undefined;
  /** Protocol of an Ethernet header. @since 3.3 or 3.4 */
  eth_proto(input: SampleInput): number | undefined;
  /** Source of an Ethernet header. @since 3.3 or 3.4 */
  eth_src(input: SampleInput): string | undefined;
  /** VLAN of an Ethernet header. @since 3.3 or 3.4 */
  eth_vlan(input: SampleInput): number | undefined;
  /** Whether the integer is even. @since 2.4 or before */
  even(input: SampleInput): SampleBoolean | undefined;
  /** Whether a frontend has the name. @since 3.3 or 3.4 */
  fe_exists(input: SampleInput): SampleBoolean | undefined;
  /** The field of that number, between delimiters. @since 2.4 or before */
  field(input: SampleInput, index: number, delimiters: string, count?: number): string | undefined;
  /** Whether the bytes are a FIX message. @since 2.3 to 2.6 */
  fix_is_valid(input: SampleInput): SampleBoolean | undefined;
  /** Value of a tag of a FIX message. @since 2.3 to 2.6 */
  fix_tag_value(input: SampleInput, tag: string): string | undefined;
  /** Whether the text has control characters. @since 3.4; also 3.2.26 */
  has_ctl(input: SampleInput, kinds?: string): SampleBoolean | undefined;
  /** Bytes in hexadecimal digits. @since 2.4 or before */
  hex(input: SampleInput): string | undefined;
  /** Integer of hexadecimal digits. @since 2.4 or before */
  hex2i(input: SampleInput): number | undefined;
  /** HMAC by the algorithm named and a key in base64 or a variable. @since 2.4 or before */
  hmac(input: SampleInput, algorithm: string, key: string): string | undefined;
  /** Host of a Host header. @since 2.7; also 2.6.12 */
  host_only(input: SampleInput): string | undefined;
  /** Integer as four bytes in network order. @since 2.4 or before */
  htonl(input: SampleInput): string | undefined;
  /** Seconds since the epoch as an HTTP date. @since 2.4 or before */
  http_date(input: SampleInput, offset?: number, unit?: string): string | undefined;
  /** One text for true, the other for false. @since 2.3 */
  iif(input: SampleInput, ifTrue: string, ifFalse: string): string | undefined;
  /** Whether the input is a key of the table. @since 2.4 or before */
  in_table(input: SampleInput, table: string): SampleBoolean | undefined;
  /** What follows the IP header. @since 3.3 or 3.4 */
  ip_data(input: SampleInput): string | undefined;
  /** Whether an IP header forbids fragments. @since 3.3 or 3.4 */
  ip_df(input: SampleInput): number | undefined;
  /** Destination of an IP header. @since 3.3 or 3.4 */
  ip_dst(input: SampleInput): string | undefined;
  /** Fingerprint of a SYN packet. @since 3.3 or 3.4 */
  ip_fp(input: SampleInput, flags?: number): string | undefined;
  /** IP header alone. @since 3.3 or 3.4 */
  ip_hdr(input: SampleInput): string | undefined;
  /** Protocol of an IP header. @since 3.3 or 3.4 */
  ip_proto(input: SampleInput): number | undefined;
  /** Source of an IP header. @since 3.3 or 3.4 */
  ip_src(input: SampleInput): string | undefined;
  /** Type of service of an IP header. @since 3.3 or 3.4 */
  ip_tos(input: SampleInput): number | undefined;
  /** Time to live of an IP header. @since 3.3 or 3.4 */
  ip_ttl(input: SampleInput): number | undefined;
  /** Version of an IP header. @since 3.3 or 3.4 */
  ip_ver(input: SampleInput): number | undefined;
  /** Address under a mask. @since 2.4 or before */
  ipmask(input: SampleInput, mask: string | number, mask6?: string | number): string | undefined;
  /** Escaped for JSON. @since 2.4 or before */
  json(input: SampleInput, inputCode: string): string | undefined;
  /** Value at a JSON path. @since 2.4 */
  json_query(input: SampleInput, path: string, type?: string): string | number | boolean | undefined;
  /** Deciphers a JWE by a loaded certificate. @since 3.4 */
  jwt_decrypt_cert(input: SampleInput, certificate: string): string | undefined;
  /** Deciphers a JWE by a JWK. @since 3.4 */
  jwt_decrypt_jwk(input: SampleInput, jwk: string): string | undefined;
  /** Deciphers a JWE by a secret. @since 3.4 */
  jwt_decrypt_secret(input: SampleInput, secret: string): string | undefined;
  /** Header of a JWT, or the value at a JSON path in it. @since 2.5 */
  jwt_header_query(input: SampleInput, path?: string, type?: string): string | number | boolean | undefined;
  /** Payload of a JWT, or the value at a JSON path in it. @since 2.5 */
  jwt_payload_query(input: SampleInput, path?: string, type?: string): string | number | boolean | undefined;
  /** Verifies a JWT by algorithm and key: 1 good, 0 bad, negative on error. @since 2.5 */
  jwt_verify(input: SampleInput, algorithm: string, key: string): number | undefined;
  /** Verifies a JWT by algorithm and a loaded certificate. @since 3.3 */
  jwt_verify_cert(input: SampleInput, algorithm: string, certificate: string): number | undefined;
  /** Best language of an Accept-Language value among those given. @since 2.4 or before */
  language(input: SampleInput, languages: string, default_?: string): string | undefined;
  /** Little-endian bytes in decimal, chunk by chunk. @since 3.3; also 3.2.26 */
  le2dec(input: SampleInput, separator: string, chunkSize?: number, truncate?: number): string | undefined;
  /** Length in bytes. @since 2.4 or before */
  length(input: SampleInput): number | undefined;
  /** In lower case. @since 2.4 or before */
  lower(input: SampleInput): string | undefined;
  /** Local time of seconds since the epoch, formatted. @since 2.4 or before */
  ltime(input: SampleInput, format: string, offset?: number): string | undefined;
  /** Without the characters at the left. @since 2.4 or before */
  ltrim(input: SampleInput, characters: string): string | undefined;
  /** Value of the first entry of a map that equals the input. @since 2.4 or before */
  map(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Value of the first entry of a map that begins the input. @since 2.4 or before */
  map_beg(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Value of the first entry of a map that begins the input, as an integer. @since 2.4 or before */
  map_beg_int(input: SampleInput, file: string, default_?: number): number | undefined;
  /** Value of the first entry of a map that begins the input, as an address. @since 2.4 or before */
  map_beg_ip(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Key of the first entry of a map that begins the input. @since 2.7 to 3.0 */
  map_beg_key(input: SampleInput, file: string): string | undefined;
  /** Value of the first entry of a map that is a part between slashes of the input. @since 2.4 or before */
  map_dir(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Value of the first entry of a map that is a part between slashes of the input, as an integer. @since 2.4 or before */
  map_dir_int(input: SampleInput, file: string, default_?: number): number | undefined;
  /** Value of the first entry of a map that is a part between slashes of the input, as an address. @since 2.4 or before */
  map_dir_ip(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Key of the first entry of a map that is a part between slashes of the input. @since 2.7 to 3.0 */
  map_dir_key(input: SampleInput, file: string): string | undefined;
  /** Value of the first entry of a map that is a part between dots of the input. @since 2.4 or before */
  map_dom(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Value of the first entry of a map that is a part between dots of the input, as an integer. @since 2.4 or before */
  map_dom_int(input: SampleInput, file: string, default_?: number): number | undefined;
  /** Value of the first entry of a map that is a part between dots of the input, as an address. @since 2.4 or before */
  map_dom_ip(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Key of the first entry of a map that is a part between dots of the input. @since 2.7 to 3.0 */
  map_dom_key(input: SampleInput, file: string): string | undefined;
  /** Value of the first entry of a map that ends the input. @since 2.4 or before */
  map_end(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Value of the first entry of a map that ends the input, as an integer. @since 2.4 or before */
  map_end_int(input: SampleInput, file: string, default_?: number): number | undefined;
  /** Value of the first entry of a map that ends the input, as an address. @since 2.4 or before */
  map_end_ip(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Key of the first entry of a map that ends the input. @since 2.7 to 3.0 */
  map_end_key(input: SampleInput, file: string): string | undefined;
  /** Value of the first entry of a map that contains the input, as integers. @since 2.4 or before */
  map_int(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Value of the first entry of a map that contains, as integers, the input, as an integer. @since 2.4 or before */
  map_int_int(input: SampleInput, file: string, default_?: number): number | undefined;
  /** Value of the first entry of a map that contains, as integers, the input, as an address. @since 2.4 or before */
  map_int_ip(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Key of the first entry of a map that contains, as integers, the input. @since 2.7 to 3.0 */
  map_int_key(input: SampleInput, file: string): string | undefined;
  /** Value of the first entry of a map that contains the input, as addresses. @since 2.4 or before */
  map_ip(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Value of the first entry of a map that contains, as addresses, the input, as an integer. @since 2.4 or before */
  map_ip_int(input: SampleInput, file: string, default_?: number): number | undefined;
  /** Value of the first entry of a map that contains, as addresses, the input, as an address. @since 2.4 or before */
  map_ip_ip(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Key of the first entry of a map that contains, as addresses, the input. @since 2.7 to 3.0 */
  map_ip_key(input: SampleInput, file: string): string | undefined;
  /** Value of the first entry of a map that matches the input. @since 2.4 or before */
  map_reg(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Value of the first entry of a map that matches the input, as an integer. @since 2.4 or before */
  map_reg_int(input: SampleInput, file: string, default_?: number): number | undefined;
  /** Value of the first entry of a map that matches the input, as an address. @since 2.4 or before */
  map_reg_ip(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Key of the first entry of a map that matches the input. @since 2.7 to 3.0 */
  map_reg_key(input: SampleInput, file: string): string | undefined;
  /** As `map_reg`, the value with its back references filled in. @since 2.4 or before */
  map_regm(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Value of the first entry of a map that equals the input. @since 2.4 or before */
  map_str(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Value of the first entry of a map that equals the input, as an integer. @since 2.4 or before */
  map_str_int(input: SampleInput, file: string, default_?: number): number | undefined;
  /** Value of the first entry of a map that equals the input, as an address. @since 2.4 or before */
  map_str_ip(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Key of the first entry of a map that equals the input. @since 2.7 to 3.0 */
  map_str_key(input: SampleInput, file: string): string | undefined;
  /** Value of the first entry of a map that occurs in the input. @since 2.4 or before */
  map_sub(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Value of the first entry of a map that occurs in the input, as an integer. @since 2.4 or before */
  map_sub_int(input: SampleInput, file: string, default_?: number): number | undefined;
  /** Value of the first entry of a map that occurs in the input, as an address. @since 2.4 or before */
  map_sub_ip(input: SampleInput, file: string, default_?: string): string | undefined;
  /** Key of the first entry of a map that occurs in the input. @since 2.7 to 3.0 */
  map_sub_key(input: SampleInput, file: string): string | undefined;
  /** The remainder. @since 2.4 or before */
  mod(input: SampleInput, operand: string): number | undefined;
  /** A field of an MQTT packet. @since 2.3 to 2.6 */
  mqtt_field_value(input: SampleInput, packetType: string, field: string): string | undefined;
  /** Whether the bytes are an MQTT packet. @since 2.3 to 2.6 */
  mqtt_is_valid(input: SampleInput): SampleBoolean | undefined;
  /** Local time of milliseconds since the epoch, formatted. @since 2.7 to 3.0 */
  ms_ltime(input: SampleInput, format: string, offset?: number): string | undefined;
  /** UTC of milliseconds since the epoch, formatted. @since 2.7 to 3.0 */
  ms_utime(input: SampleInput, format: string, offset?: number): string | undefined;
  /** The product. @since 2.4 or before */
  mul(input: SampleInput, operand: string): number | undefined;
  /** Usable servers of the backend named by the input. @since 2.4 or before */
  nbsrv(input: SampleInput): number | undefined;
  /** The opposite number. @since 2.4 or before */
  neg(input: SampleInput): number | undefined;
  /** The opposite truth value. @since 2.4 or before */
  not(input: SampleInput): SampleBoolean | undefined;
  /** Whether the integer is odd. @since 2.4 or before */
  odd(input: SampleInput): SampleBoolean | undefined;
  /** Bits of either. @since 2.4 or before */
  or(input: SampleInput, operand: string): number | undefined;
  /** A parameter of a query-like text. @since 2.7 to 3.0 */
  param(input: SampleInput, name: string, delimiter?: string): string | undefined;
  /** Port of a Host header, 0 if it has none. @since 2.7; also 2.6.12 */
  port_only(input: SampleInput): number | undefined;
  /** A field of a Protocol Buffers message. @since 2.4 or before */
  protobuf(input: SampleInput, field: string, type?: string): string | undefined;
  /** Text with what an expression matches replaced. @since 2.4 or before */
  regsub(input: SampleInput, regex: string, replacement: string, flags?: string): string | undefined;
  /** Characters in the opposite order. @since 3.3 or 3.4 */
  reverse(input: SampleInput): string | undefined;
  /** Labels of a domain name in the opposite order. @since 3.4 */
  reverse_dom(input: SampleInput): string | undefined;
  /** A field of a Forwarded header. @since 2.8 */
  rfc7239_field(input: SampleInput, field: string): string | undefined;
  /** Whether a Forwarded header is well formed. @since 2.8 */
  rfc7239_is_valid(input: SampleInput): SampleBoolean | undefined;
  /** Name of a Forwarded node. @since 2.8 */
  rfc7239_n2nn(input: SampleInput): string | number | boolean | undefined;
  /** Port of a Forwarded node. @since 2.8 */
  rfc7239_n2np(input: SampleInput): string | number | boolean | undefined;
  /** Name of a Forwarded node. @since 3.1 or 3.2 */
  rfc7239_nn(input: SampleInput): string | undefined;
  /** Port of a Forwarded node. @since 3.1 or 3.2 */
  rfc7239_np(input: SampleInput): string | undefined;
  /** Without the characters at the right. @since 2.4 or before */
  rtrim(input: SampleInput, characters: string): string | undefined;
  /** SDBM hash. @since 2.4 or before */
  sdbm(input: SampleInput, avalanche?: number): number | undefined;
  /** Whether the input equals a variable, in constant time. @since 2.4 or before */
  secure_memcmp(input: SampleInput, variable: string): SampleBoolean | undefined;
  /** Puts the input into a variable. @since 2.4 or before */
  set_var(input: SampleInput, name: string, ...more: string[]): string | number | boolean | undefined;
  /** SHA-1, as bytes. @since 2.4 or before */
  sha1(input: SampleInput): string | undefined;
  /** SHA-2 of 224, 256, 384 or 512 bits, as bytes. @since 2.4 or before */
  sha2(input: SampleInput, bits?: number): string | undefined;
  /** Whether the server `backend/server` is up. @since 3.1 or 3.2 */
  srv_is_up(input: SampleInput): SampleBoolean | undefined;
  /** Connections that wait for the server `backend/server`. @since 2.4 or before */
  srv_queue(input: SampleInput): number | undefined;
  /** Comparison with a variable: negative, 0 or positive. @since 2.4 or before */
  strcmp(input: SampleInput, variable: string): number | undefined;
  /** The difference. @since 2.4 or before */
  sub(input: SampleInput, operand: string): number | undefined;
  /** Bytes received in the rate period, for the input as a key. @since 2.4 or before */
  table_bytes_in_rate(input: SampleInput, table: string): number | undefined;
  /** Bytes sent in the rate period, for the input as a key. @since 2.4 or before */
  table_bytes_out_rate(input: SampleInput, table: string): number | undefined;
  /** Clears a general counter by number, and tells what it was, for the input as a key. @since 3.1 or 3.2 */
  table_clr_gpc(input: SampleInput, index: number, table: string): number | undefined;
  /** Clears general counter 0, and tells what it was, for the input as a key. @since 3.1 or 3.2 */
  table_clr_gpc0(input: SampleInput, table: string): number | undefined;
  /** Clears general counter 1, and tells what it was, for the input as a key. @since 3.1 or 3.2 */
  table_clr_gpc1(input: SampleInput, table: string): number | undefined;
  /** Connections counted, for the input as a key. @since 2.4 or before */
  table_conn_cnt(input: SampleInput, table: string): number | undefined;
  /** Connections now, for the input as a key. @since 2.4 or before */
  table_conn_cur(input: SampleInput, table: string): number | undefined;
  /** Connections in the rate period, for the input as a key. @since 2.4 or before */
  table_conn_rate(input: SampleInput, table: string): number | undefined;
  /** Milliseconds that the key's entry has left, or the default. @since 2.7; also 2.6.12 */
  table_expire(input: SampleInput, table: string, default_?: number): number | undefined;
  /** Protocol glitches counted, for the input as a key. @since 2.7 to 3.0 */
  table_glitch_cnt(input: SampleInput, table: string): number | undefined;
  /** Protocol glitches in the rate period, for the input as a key. @since 2.7 to 3.0 */
  table_glitch_rate(input: SampleInput, table: string): number | undefined;
  /** A general counter by number, for the input as a key. @since 2.3 to 2.6 */
  table_gpc(input: SampleInput, index: number, table: string): number | undefined;
  /** General counter 0, for the input as a key. @since 2.4 or before */
  table_gpc0(input: SampleInput, table: string): number | undefined;
  /** Rate of general counter 0, for the input as a key. @since 2.4 or before */
  table_gpc0_rate(input: SampleInput, table: string): number | undefined;
  /** General counter 1, for the input as a key. @since 2.4 or before */
  table_gpc1(input: SampleInput, table: string): number | undefined;
  /** Rate of general counter 1, for the input as a key. @since 2.4 or before */
  table_gpc1_rate(input: SampleInput, table: string): number | undefined;
  /** Rate of a general counter by number, for the input as a key. @since 2.3 to 2.6 */
  table_gpc_rate(input: SampleInput, index: number, table: string): number | undefined;
  /** A general tag by number, for the input as a key. @since 2.3 to 2.6 */
  table_gpt(input: SampleInput, index: number, table: string): number | undefined;
  /** General tag 0, for the input as a key. @since 2.4 or before */
  table_gpt0(input: SampleInput, table: string): number | undefined;
  /** HTTP errors of the client counted, for the input as a key. @since 2.4 or before */
  table_http_err_cnt(input: SampleInput, table: string): number | undefined;
  /** HTTP errors of the client in the rate period, for the input as a key. @since 2.4 or before */
  table_http_err_rate(input: SampleInput, table: string): number | undefined;
  /** HTTP failures of the server counted, for the input as a key. @since 2.3 to 2.6 */
  table_http_fail_cnt(input: SampleInput, table: string): number | undefined;
  /** HTTP failures of the server in the rate period, for the input as a key. @since 2.3 to 2.6 */
  table_http_fail_rate(input: SampleInput, table: string): number | undefined;
  /** HTTP requests counted, for the input as a key. @since 2.4 or before */
  table_http_req_cnt(input: SampleInput, table: string): number | undefined;
  /** HTTP requests in the rate period, for the input as a key. @since 2.4 or before */
  table_http_req_rate(input: SampleInput, table: string): number | undefined;
  /** Milliseconds since the key's entry was used, or the default. @since 2.7; also 2.6.12 */
  table_idle(input: SampleInput, table: string, default_?: number): number | undefined;
  /** Increments a general counter by number, and tells what it is, for the input as a key. @since 3.1 or 3.2 */
  table_inc_gpc(input: SampleInput, index: number, table: string): number | undefined;
  /** Increments general counter 0, and tells what it is, for the input as a key. @since 3.1 or 3.2 */
  table_inc_gpc0(input: SampleInput, table: string): number | undefined;
  /** Increments general counter 1, and tells what it is, for the input as a key. @since 3.1 or 3.2 */
  table_inc_gpc1(input: SampleInput, table: string): number | undefined;
  /** Kilobytes received, for the input as a key. @since 2.4 or before */
  table_kbytes_in(input: SampleInput, table: string): number | undefined;
  /** Kilobytes sent, for the input as a key. @since 2.4 or before */
  table_kbytes_out(input: SampleInput, table: string): number | undefined;
  /** Number of the server that the key sticks to. @since 2.4 or before */
  table_server_id(input: SampleInput, table: string): number | undefined;
  /** Sessions counted, for the input as a key. @since 2.4 or before */
  table_sess_cnt(input: SampleInput, table: string): number | undefined;
  /** Sessions in the rate period, for the input as a key. @since 2.4 or before */
  table_sess_rate(input: SampleInput, table: string): number | undefined;
  /** Streams that track the entry, for the input as a key. @since 2.4 or before */
  table_trackers(input: SampleInput, table: string): number | undefined;
  /** Destination port of a TCP header. @since 3.3 or 3.4 */
  tcp_dst(input: SampleInput): number | undefined;
  /** Flags of a TCP header. @since 3.3 or 3.4 */
  tcp_flags(input: SampleInput): number | undefined;
  /** Options of a SYN, as bytes. @since 3.3 or 3.4 */
  tcp_options_list(input: SampleInput): string | undefined;
  /** Maximum segment size of a SYN. @since 3.3 or 3.4 */
  tcp_options_mss(input: SampleInput): number | undefined;
  /** Whether a SYN permits selective acknowledgement. @since 3.3 or 3.4 */
  tcp_options_sack(input: SampleInput): number | undefined;
  /** Whether a SYN has a timestamp. @since 3.3 or 3.4 */
  tcp_options_tsopt(input: SampleInput): number | undefined;
  /** Timestamp of a SYN. @since 3.3 or 3.4 */
  tcp_options_tsval(input: SampleInput): number | undefined;
  /** Window scale of a SYN. @since 3.3 or 3.4 */
  tcp_options_wscale(input: SampleInput): number | undefined;
  /** Whether a SYN has a window scale. @since 3.3 or 3.4 */
  tcp_options_wsopt(input: SampleInput): number | undefined;
  /** Sequence number of a TCP header. @since 3.3 or 3.4 */
  tcp_seq(input: SampleInput): number | undefined;
  /** Source port of a TCP header. @since 3.3 or 3.4 */
  tcp_src(input: SampleInput): number | undefined;
  /** Window of a TCP header. @since 3.3 or 3.4 */
  tcp_win(input: SampleInput): number | undefined;
  /** Decoded base64url. @since 2.4 */
  ub64dec(input: SampleInput): string | undefined;
  /** Encoded as base64url. @since 2.4 */
  ub64enc(input: SampleInput): string | undefined;
  /** A field of a gRPC message. @since 2.4 or before */
  ungrpc(input: SampleInput, field: string, type?: string): string | undefined;
  /** Forgets a variable. @since 2.4 or before */
  unset_var(input: SampleInput, name: string): string | number | boolean | undefined;
  /** In upper case. @since 2.4 or before */
  upper(input: SampleInput): string | undefined;
  /** Decoded from URL encoding. @since 2.4 or before */
  url_dec(input: SampleInput, inForm?: number): string | undefined;
  /** Encoded for a URL. @since 2.4 or before */
  url_enc(input: SampleInput, kind: string): string | undefined;
  /** Local time of microseconds since the epoch, formatted. @since 2.7 to 3.0 */
  us_ltime(input: SampleInput, format: string, offset?: number): string | undefined;
  /** UTC of microseconds since the epoch, formatted. @since 2.7 to 3.0 */
  us_utime(input: SampleInput, format: string, offset?: number): string | undefined;
  /** UTC of seconds since the epoch, formatted. @since 2.4 or before */
  utime(input: SampleInput, format: string, offset?: number): string | undefined;
  /** The input if a condition of the stream holds, else nothing. @since 2.7 to 3.0 */
  when(input: SampleInput, condition: string, text2?: string, text3?: string): string | number | boolean | undefined;
  /** The word of that number, between delimiters. @since 2.4 or before */
  word(input: SampleInput, index: number, delimiters: string, count?: number): string | undefined;
  /** WT6 hash. @since 2.4 or before */
  wt6(input: SampleInput, avalanche?: number): number | undefined;
  /** Name of a certificate error. @since 2.7 */
  x509_v_err_str(input: SampleInput): string | undefined;
  /** Bits of one alone. @since 2.4 or before */
  xor(input: SampleInput, operand: string): number | undefined;
  /** XXH3 hash. @since 2.4 */
  xxh3(input: SampleInput, seed?: number): number | undefined;
  /** XXH32 hash. @since 2.4 or before */
  xxh32(input: SampleInput, seed?: number): number | undefined;
  /** XXH64 hash. @since 2.4 or before */
  xxh64(input: SampleInput, seed?: number): number | undefined;

  /** A converter of a version younger than this list; nil in a version that does not have it. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- its arguments are not known here.
  [name: string]: (this: Converters, input: SampleInput, ...args: any[]) => string | number | boolean | undefined;
}

/** The same converters with results that are always strings, empty where they fail: `txn.sc`. */
type StringConverters = {
  readonly [Name in keyof Converters]: (this: StringConverters, ...args: Parameters<Converters[Name]>) => string;
};
