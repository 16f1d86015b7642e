import type { Clock } from '../platform/clock.js';

/** Works at one time. */
const mostAtWork = 64;
/** Works that were given up and have not ended: what hangs is not added to without an end. */
const mostStuck = 1_000;
/** Milliseconds from being given, below the `timeout processing` of haproxy/spoe-acme.conf. */
const patience = 400;
/** Milliseconds. With less left, work is not begun. */
const worthwhile = 20;

/** A work that has not been given up. */
interface Turn {
  readonly until: number;
  begin(): void;
}

/** So many works at one time, the others in their order, and each for so long. */
export class Turns {
  readonly #clock: Clock;
  readonly #queue = new Set<Turn>();
  #atWork = 0;
  #stuck = 0;

  public constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True where work that is given now has to wait. */
  public get areTaken(): boolean {
    return this.#atWork >= mostAtWork || this.#stuck >= mostStuck;
  }

  /**
   * What `work` finds, once it is its turn; undefined where it has found nothing in time, or has failed. One that hangs
   * is left alone, and those behind it go on.
   */
  public async take<T>(work: () => Promise<T | undefined>): Promise<T | undefined> {
    const given = new AbortController();
    return await new Promise((resolve) => {
      let release: (() => void) | undefined;
      const end = (found: T | undefined): void => {
        given.abort();
        resolve(found);
      };
      const turn: Turn = {
        until: this.#clock.now() + patience,
        begin: () => (release = this.#run(work, end)),
      };
      const giveUp = (): void => {
        this.#queue.delete(turn);
        end(undefined);
        release?.();
      };
      this.#clock.sleep(patience, given.signal).then(giveUp, () => undefined);
      this.#queue.add(turn);
      this.#advance();
    });
  }

  /** @returns what lets others go on without waiting for its end. */
  #run<T>(work: () => Promise<T | undefined>, end: (found: T | undefined) => void): () => void {
    let isStuck = false;
    const ended = (found: T | undefined): void => {
      if (isStuck) this.#stuck -= 1;
      else this.#atWork -= 1;
      end(found);
      this.#advance();
    };
    this.#atWork += 1;
    work().then(ended, () => ended(undefined));
    return () => {
      isStuck = true;
      this.#atWork -= 1;
      this.#stuck += 1;
      this.#advance();
    };
  }

  #advance(): void {
    if (this.#queue.size === 0) return;
    const latest = this.#clock.now() + worthwhile;
    for (const turn of this.#queue) {
      if (this.areTaken) return;
      this.#queue.delete(turn);
      // The others are given up in a moment.
      if (turn.until > latest) turn.begin();
    }
  }
}
