/** The server of --standalone with one challenge, until it is ended: ADDRESS PORT TOKEN KEY-AUTHORIZATION. */
import { standalonePublisher } from '../../src-node/challenge/standalone.js';

const [address, port, token = '', keyAuthorization = ''] = process.argv.slice(2);
await standalonePublisher({ address, port: Number(port) }).publish([
  { type: 'http-01', name: 'bench.test', token, keyAuthorization, validation: keyAuthorization },
]);
console.log('listens');
