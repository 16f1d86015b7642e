import { Agent, request } from 'node:https';

/** What came of the requests that went on while something else was done. */
export interface Load {
  readonly asked: number;
  /** Why requests failed, one entry each. */
  readonly failures: readonly string[];
}

/** Asks for `/` on connections that are kept alive, one to each port, for as long as `work` takes. */
export async function underLoad(
  host: string,
  ports: readonly number[],
  name: string,
  work: () => Promise<void>,
): Promise<Load> {
  let running = true;
  let asked = 0;
  const failures: string[] = [];
  const knock = async (port: number): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false, servername: name });
    while (running) {
      asked += 1;
      await get(agent, host, port, name).catch((error: unknown) => failures.push(`${port}: ${String(error)}`));
    }
    agent.destroy();
  };
  const knocking = ports.map(knock);
  try {
    await work();
  } finally {
    running = false;
    await Promise.all(knocking);
  }
  return { asked, failures };
}

async function get(agent: Agent, host: string, port: number, name: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const asking = request({ host, port, agent, headers: { host: name }, timeout: 10_000 }, (response) => {
      response.once('error', reject).resume();
      response.once('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`status ${response.statusCode ?? '?'}`));
      });
    });
    asking.once('timeout', () => asking.destroy(new Error('no answer in time'))).once('error', reject);
    asking.end();
  });
}
