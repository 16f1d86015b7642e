import { connect, type Socket } from 'node:net';

/** Bytes as they are to `host:port`, and what came back until the peer closed; the connection stays open on our side. */
export async function exchange(host: string, port: number, bytes: string | Buffer): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: 30_000 });
    let answer = '';
    socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
    socket.once('timeout', () => socket.destroy(new Error('the peer keeps a silent connection')));
    // What is sent after the peer's last word is refused, which says nothing about that word.
    socket.on('error', (error) => {
      if (answer === '') reject(error);
    });
    socket.once('close', () => resolve(answer));
    socket.write(bytes);
  });
}

/** An open connection on which nothing is sent. */
export async function openConnection(host: string, port: number): Promise<Socket> {
  return await new Promise((resolve, reject) => {
    const socket = connect({ host, port }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** What comes next on a connection; throws where the peer has closed it. */
export async function nextBytes(socket: Socket): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('the connection was closed'));
    if (socket.destroyed || socket.readableEnded) ended();
    socket.once('close', ended).once('error', reject);
    socket.once('data', (bytes: Buffer) => {
      socket.off('close', ended).off('error', reject);
      resolve(bytes);
    });
  });
}

/** True when somebody accepts connections there. */
export async function accepts(host: string, port: number): Promise<boolean> {
  return await openConnection(host, port).then(
    (socket) => {
      socket.destroy();
      return true;
    },
    () => false,
  );
}
