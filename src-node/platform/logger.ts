import { redaction } from './redaction.js';

/** Where a run tells what it does, for whoever has to find out later. */
export interface Logger {
  /** Each step with what came of it; MUST NOT throw, whatever the text and wherever it goes. */
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
  /** From now on no line MUST show `value`; a private key in PEM MUST not be shown even if nobody told of it. */
  secret(value: string): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Loses all that it is told. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  secret: () => undefined,
};

/** Loggers of one run, one for each component, which know each other's secrets. `sink` gets text without them. */
export function redactingLoggers(
  sink: (level: LogLevel, component: string, text: string) => void,
): (component: string) => Logger {
  const { add, filter } = redaction();
  return (component) => {
    const clean = filter();
    return {
      debug: (text) => sink('debug', component, clean(text)),
      info: (text) => sink('info', component, clean(text)),
      warn: (text) => sink('warn', component, clean(text)),
      error: (text) => sink('error', component, clean(text)),
      secret: add,
    };
  };
}
