import type { Progress } from '../../renewal/dependencies.js';
import type { HookOutput } from '../../renewal/hooks.js';
import type { Output } from '../context.js';

/** Shows a run while it goes on. */
export interface ProgressView {
  readonly show: (progress: Progress) => void;
  /** Leaves the terminal clean for what comes after. */
  readonly end: () => void;
}

export const silent: ProgressView = { show: () => undefined, end: () => undefined };

/** Plain lines, for logs and pipes; what hooks write to stdout goes to `stdout`. */
export function plainProgress(output: Output, stdout: Output): ProgressView {
  return {
    show: (progress) => {
      const line = progressText(progress);
      if (progress.kind === 'hook') showHook(progress, output, stdout);
      if (line !== undefined) output.write(`${line}\n`);
    },
    end: () => undefined,
  };
}

/** A live line for each name and for HAProxy, rewritten in place. */
export async function liveProgress(output: NodeJS.WriteStream, stdout: Output): Promise<ProgressView> {
  const { createLogUpdate } = await import('log-update');
  const update = createLogUpdate(output);
  const lines = new Map<string, string>();
  const draw = (): void => update([...lines].map(([subject, text]) => `${subject.padEnd(28)} ${text}`).join('\n'));
  return {
    show: (progress) => {
      if (progress.kind === 'hook') {
        update.clear();
        showHook(progress, output, stdout);
        draw();
        return;
      }
      const line = describe(progress);
      if (line === undefined) return;
      if (progress.kind === 'issue' && progress.step.kind === 'started') {
        for (const name of progress.names) lines.set(name, 'waiting');
      } else if (progress.kind === 'issue' && !('name' in progress.step)) {
        for (const name of progress.names) lines.set(name, line.text);
      } else {
        lines.set(line.subject, line.text);
      }
      draw();
    },
    end: () => update.done(),
  };
}

function showHook({ hook, ...said }: HookOutput, stderr: Output, stdout: Output): void {
  const lines = (text: string): string => text.trimEnd().replace(/^/gm, `${hook}: `);
  if (said.stdout.trim() !== '') stdout.write(`${lines(said.stdout)}\n`);
  if (said.stderr.trim() !== '') stderr.write(`${lines(said.stderr)}\n`);
}

const issueTexts = {
  started: 'ordering',
  ordered: 'ordered',
  'ordered-anew': 'ordered anew, to validate every name',
  'left-out': 'left out',
  published: 'challenge published',
  'self-checked': 'the challenge is answered here',
  validating: 'the CA is looking',
  validated: 'validated',
  'already-valid': 'validated before',
  finalizing: 'the CA is issuing',
  'chain-unmatched': 'no chain has the preferred issuer, the default one is taken',
  downloaded: 'downloaded',
  stored: 'stored',
} as const;

const deployTexts = {
  writing: 'bundles are written',
  updating: 'certificates are given to the running process',
  checking: 'the configuration is checked',
  reloading: 'a new process starts',
  draining: 'the old process finishes',
  verifying: 'handshakes are made',
  restoring: 'everything goes back to what it was',
} as const;

interface Line {
  readonly subject: string;
  readonly text: string;
}

/** A step as one line; undefined for what is not told. */
export function progressText(progress: Progress): string | undefined {
  const line = progress.kind === 'hook' ? undefined : describe(progress);
  return line === undefined ? undefined : `${line.subject}: ${line.text}`;
}

function describe(progress: Exclude<Progress, { kind: 'hook' }>): Line | undefined {
  if (progress.kind === 'deploy') return { subject: 'HAProxy', text: deployTexts[progress.step] };
  const { step, certName } = progress;
  if (step.kind === 'account') return step.made ? { subject: certName, text: 'an account is made' } : undefined;
  return { subject: 'name' in step ? step.name : certName, text: issueTexts[step.kind] };
}
