import { connect } from 'node:net';

/** One command of HAProxy's Runtime API over its socket, and the whole reply. */
export async function runtimeCommand(socketPath: string, command: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let reply = '';
    socket.setTimeout(5_000, () => socket.destroy(new Error(`no reply to '${command}' in time`)));
    socket.setEncoding('utf8').on('data', (text: string) => (reply += text));
    socket.once('error', reject);
    socket.once('close', () => resolve(reply));
    socket.end(`${command}\n`);
  });
}
