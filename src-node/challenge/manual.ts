import { ChallengeError } from './challenge-error.js';
import type { Challenge, ChallengePublisher, ChallengeType } from './challenge-publisher.js';
import { environment, hookRunner, type HookSurroundings, type ManualEnvironment } from './manual-hooks.js';
import { askForChallenges, tellOfWithdrawal, type ManualTerminal } from './manual-terminal.js';
import { refuseWildcards } from './wildcard.js';

/** What hooks are told of is a file, or a TXT record; no script answers tls-alpn-01. */
const answered: readonly ChallengeType[] = ['http-01', 'dns-01'];

export interface ManualSettings {
  /** The kinds wished, the one to be chosen first in front; empty: every kind, http-01 first. */
  readonly challenges: readonly ChallengeType[];
  /** Shell command that makes one challenge answerable; without it the user at the terminal is asked. */
  readonly authHook: string | undefined;
  /** Shell command that undoes it. */
  readonly cleanupHook: string | undefined;
}

export interface ManualSurroundings extends HookSurroundings {
  /** Undefined where nobody can be asked. */
  readonly terminal: ManualTerminal | undefined;
  /** Ends an auth hook and the waiting for the user; cleanup is still done. */
  readonly signal: AbortSignal;
}

/**
 * Has hooks make challenges answerable, or the user. As certbot does, the auth hook is run for one challenge after the
 * other, one that fails is a warning, and each that was run has its cleanup.
 */
export function manualPublisher(settings: ManualSettings, surroundings: ManualSurroundings): ChallengePublisher {
  const { authHook } = settings;
  const wished = settings.challenges.filter((type) => answered.includes(type));
  const types = wished.length === 0 ? answered : wished;
  const open: OpenChallenges = new Map();
  const withdraw = withdrawal(settings, { surroundings, open });
  return {
    types,
    check: async (names) => {
      if (authHook === undefined) needed(surroundings.terminal);
      if (!types.includes('dns-01')) refuseWildcards(names, '--manual --preferred-challenges http');
      await Promise.resolve();
    },
    publish: async (challenges) => {
      try {
        if (authHook === undefined) await publishByUser(challenges, { surroundings, open });
        else await publishByHook(authHook, challenges, { surroundings, open });
      } catch (error) {
        await withdraw(challenges);
        throw error;
      }
    },
    withdraw,
  };
}

/** The environment of the cleanup of each challenge that is published, by its token. */
type OpenChallenges = Map<string, ManualEnvironment>;

interface Manual {
  readonly surroundings: ManualSurroundings;
  readonly open: OpenChallenges;
}

async function publishByHook(
  command: string,
  challenges: readonly Challenge[],
  { surroundings, open }: Manual,
): Promise<void> {
  const { signal } = surroundings;
  const runHook = hookRunner(surroundings);
  for (const [index, challenge] of challenges.entries()) {
    signal.throwIfAborted();
    const env = environment(challenge, index, challenges);
    open.set(challenge.token, env);
    const said = await runHook({ hook: 'manual-auth-hook', command, challenge, env, signal });
    // A zero byte cannot be in an environment.
    open.set(challenge.token, { ...env, CERTBOT_AUTH_OUTPUT: said.trim().replaceAll('\0', '') });
  }
}

async function publishByUser(
  challenges: readonly Challenge[],
  { surroundings: { terminal, signal }, open }: Manual,
): Promise<void> {
  if (challenges.length === 0) return;
  for (const [index, challenge] of challenges.entries()) {
    open.set(challenge.token, { ...environment(challenge, index, challenges), CERTBOT_AUTH_OUTPUT: '' });
  }
  await askForChallenges(needed(terminal), challenges, signal);
}

function withdrawal(
  { authHook, cleanupHook }: ManualSettings,
  { surroundings, open }: Manual,
): ChallengePublisher['withdraw'] {
  const runHook = hookRunner(surroundings);
  return async (challenges) => {
    const ours = challenges.filter(({ token }) => open.has(token));
    if (authHook === undefined && cleanupHook === undefined && surroundings.terminal !== undefined) {
      tellOfWithdrawal(surroundings.terminal, ours);
    }
    for (const challenge of ours) {
      const env = open.get(challenge.token) ?? {};
      open.delete(challenge.token);
      if (cleanupHook === undefined) continue;
      await runHook({ hook: 'manual-cleanup-hook', command: cleanupHook, challenge, env, signal: undefined });
    }
  };
}

function needed(terminal: ManualTerminal | undefined): ManualTerminal {
  if (terminal !== undefined) return terminal;
  throw new ChallengeError('manual-not-interactive', 'Nobody can be asked to make the challenges answerable.');
}
