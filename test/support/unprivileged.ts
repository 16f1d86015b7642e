import { resolve } from 'node:path';
import { run } from './child.js';

/** True where the tests run as root, whom permissions do not stop. */
export const isRoot: boolean = process.geteuid?.() === 0;

/**
 * Evaluates `expression`, in which `m` is a module of src-node, in a process whose root has lost the capabilities by which
 * modes and owners do not bind it; anybody else has none anyway. (Node refuses setuid() where it may use io_uring.)
 * @returns the `code` of the error that it is rejected with, or 'none'.
 */
export async function codeUnprivileged(module: string, expression: string): Promise<string> {
  const path = resolve(import.meta.dirname, '../../src-node', module);
  const script = `import(${JSON.stringify(path)}).then((m) => ${expression}).then(() => 'none', (e) => String(e.code)).then(console.log)`;
  const command = [process.execPath, '--import', 'tsx', '-e', script];
  const [program = '', ...args] = isRoot ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all', ...command] : command;
  const { stdout, stderr } = await run(program, args);
  return stdout === '' ? stderr : stdout.trim();
}
