import { setMaxListeners } from 'node:events';

export interface Deadline {
  /** Aborts when the time is over, or when the run ends. */
  readonly signal: AbortSignal;
  readonly clear: () => void;
}

/** Deadlines of one run, which listens for its end once, however many there are. */
export interface Deadlines {
  readonly start: (milliseconds: number) => Deadline;
  readonly close: () => void;
}

/** A timeout that is one of AbortSignal.any's may be collected before it fires: it is listened to here. */
export function deadlinesOf(run: AbortSignal): Deadlines {
  const open = new Set<AbortController>();
  const end = (): void => {
    for (const controller of open) controller.abort();
  };
  run.addEventListener('abort', end, { once: true });
  return {
    start: (milliseconds) => {
      const controller = new AbortController();
      // A name may have many addresses.
      setMaxListeners(0, controller.signal);
      const expire = (): void => controller.abort();
      const time = AbortSignal.timeout(milliseconds);
      time.addEventListener('abort', expire, { once: true });
      open.add(controller);
      if (run.aborted) controller.abort();
      return {
        signal: controller.signal,
        clear: () => {
          open.delete(controller);
          time.removeEventListener('abort', expire);
        },
      };
    },
    close: () => run.removeEventListener('abort', end),
  };
}
