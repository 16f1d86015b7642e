/** A server of ours that listens. */
export interface ChallengeServer {
  readonly port: number;
  /** Ends every connection, also those that clients would keep. */
  readonly close: () => Promise<void>;
}

/** A server that listens while there is something to answer. */
export interface ServerWhileNeeded {
  /** Starts it and ends it again; passes while it listens anyway. */
  check(): Promise<void>;
  /** Has it listen, then `add`s what is to be answered. */
  publish(add: () => void): Promise<void>;
  /** Takes away, and ends it where nothing is left. */
  withdraw(remove: () => void): Promise<void>;
}

/** @param isNeeded whether there is something to answer. */
export function serverWhileNeeded(start: () => Promise<ChallengeServer>, isNeeded: () => boolean): ServerWhileNeeded {
  let server: ChallengeServer | undefined;
  const inTurn = oneAfterAnother();
  return {
    check: async () => {
      await inTurn(async () => {
        if (server === undefined) await (await start()).close();
      });
    },
    publish: async (add) => {
      await inTurn(async () => {
        server ??= await start();
        add();
      });
    },
    withdraw: async (remove) => {
      await inTurn(async () => {
        remove();
        if (isNeeded()) return;
        await server?.close();
        server = undefined;
      });
    },
  };
}

/** The server of one order must not be closed while another order's is being started. */
function oneAfterAnother(): (step: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return async (step) => {
    const mine = last.then(step);
    last = mine.catch(() => undefined);
    await mine;
  };
}
