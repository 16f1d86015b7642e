import { systemReason } from '../platform/coded-error.js';
import { redaction } from '../platform/redaction.js';
import type { ShellResult } from '../platform/run-shell.js';
import type { Challenge } from './challenge-publisher.js';

export type ManualHook = 'manual-auth-hook' | 'manual-cleanup-hook';

/** Variables of the environment to be set; what is undefined is to be unset. */
export type ManualEnvironment = Readonly<Record<string, string | undefined>>;

/** What hooks are run by. */
export interface HookSurroundings {
  /** Runs a shell command with `env` over the environment, to its end or until `signal` aborts. */
  readonly runHook: (command: string, env: ManualEnvironment, signal?: AbortSignal) => Promise<ShellResult>;
  /** Told of a hook that fails, in a sentence that may have lines of the hook's stderr below it. */
  readonly warn: (sentence: string) => void;
  /** Told what a hook said, without the key authorization of an http-01 challenge. */
  readonly onOutput: (output: { readonly hook: ManualHook; readonly stdout: string; readonly stderr: string }) => void;
}

/** What certbot tells the auth hook of one of all the challenges of an order. */
export function environment(challenge: Challenge, index: number, all: readonly Challenge[]): ManualEnvironment {
  const names = all.map(({ name }) => name).join(',');
  return {
    CERTBOT_DOMAIN: challenge.name,
    CERTBOT_IDENTIFIER: challenge.name,
    CERTBOT_VALIDATION: challenge.validation,
    CERTBOT_TOKEN: challenge.type === 'http-01' ? challenge.token : undefined,
    CERTBOT_REMAINING_CHALLENGES: String(all.length - index - 1),
    CERTBOT_ALL_DOMAINS: names,
    CERTBOT_ALL_IDENTIFIERS: names,
    CERTBOT_AUTH_OUTPUT: undefined,
  };
}

export interface HookRun {
  readonly hook: ManualHook;
  readonly command: string;
  readonly challenge: Challenge;
  readonly env: ManualEnvironment;
  readonly signal: AbortSignal | undefined;
}

/** Lines of a failed hook's stderr that are shown: the last say why. */
const complaintLines = 20;

/** Runs a hook to its end, tells what came of it, and gives its stdout. */
export function hookRunner({ runHook, warn, onOutput }: HookSurroundings): (run: HookRun) => Promise<string> {
  return async ({ hook, command, challenge, env, signal }) => {
    const subject = `The ${hook} for ${challenge.name}`;
    const clean = withoutSecrets(challenge);
    try {
      const result = await runHook(command, env, signal);
      const [stdout, stderr] = [clean(result.stdout), clean(result.stderr)];
      if (result.code === 0) onOutput({ hook, stdout, stderr });
      else {
        // Its stderr is a part of the warning.
        onOutput({ hook, stdout, stderr: '' });
        const code = `failed with exit code ${result.code ?? ''}`;
        const end = result.code === null ? `was ended by ${result.signal ?? 'a signal'}` : code;
        warn(`${subject} ${end}${complaint(stderr)}`);
      }
      return result.stdout;
    } catch (error) {
      signal?.throwIfAborted();
      warn(`${subject} could not be run: ${systemReason(error)}.`);
      return '';
    }
  };
}

function complaint(stderr: string): string {
  const text = stderr.trim();
  if (text === '') return '.';
  const lines = text.split('\n').slice(-complaintLines);
  return `:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

/** A TXT record is for all to see; what http-01 shows is for the CA. */
function withoutSecrets({ token, keyAuthorization }: Challenge): (text: string) => string {
  const { add, filter } = redaction();
  add(keyAuthorization);
  add(token);
  return filter();
}
