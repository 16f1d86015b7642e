import type { RunOptions } from './child.js';

/** Put before a command: it gets a terminal by script(1), at which `input` is typed. */
export function typed(input: string): Pick<RunOptions, 'input'> & { readonly by: readonly string[] } {
  const inside = 'exec env --split-string "$LINE"';
  const shell = `LINE="$*"; export LINE; exec script --quiet --return --command '${inside}' /dev/null`;
  return { by: ['sh', '-c', shell, 'sh'], input };
}
