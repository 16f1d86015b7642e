/** What HAProxy was started with (management manual, section 3). */
export interface CommandLine {
  /** Configuration files, of `-f` and after `--`. */
  readonly files: readonly string[];
  /** Address of the master CLI (`-S`), without its bind options. */
  readonly masterSocket: string | undefined;
  /** The options that a successor needs in order to serve as this process does. */
  readonly inherited: readonly string[];
}

/**
 * Options with a value of their own; HAProxy knows them by their first letter. `-x` and `-sf`, which a master adds for
 * its workers, are for one start only, and `-p`, `-f` and `-S` are given anew or not at all.
 */
const valued = new Set(['C', 'L', 'N', 'S', 'f', 'm', 'n', 'p', 'x']);
const inheritedValues = new Set(['C', 'L', 'N', 'm', 'n']);

/**
 * Flags that change how traffic is handled. Others keep the process in the foreground (`-d`, `-db`), end it (`-c`),
 * make it a master (`-W`), only print more (`-dD`, `-dL`, `-dK`, `-dt`), or hide why it does not start (`-q`).
 */
const inheritedFlags = /^-(?:4|d[eFGIpRrSVWZ]|dM.*)$/;

/** @param args as /proc has them, the program first. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const files: string[] = [];
  const inherited: string[] = [];
  let masterSocket: string | undefined;
  for (let at = 1; at < args.length; at += 1) {
    const option = args[at] ?? '';
    if (option === '--') {
      files.push(...args.slice(at + 1));
      break;
    }
    const letter = option.startsWith('-') ? option.charAt(1) : '';
    if (!valued.has(letter)) {
      if (inheritedFlags.test(option)) inherited.push(option);
      continue;
    }
    at += 1;
    const value = args[at] ?? '';
    if (letter === 'f') files.push(value);
    if (letter === 'S') masterSocket = value.split(',')[0];
    // The process is in a relative directory already, and its successor starts where it is.
    if (inheritedValues.has(letter) && (letter !== 'C' || value.startsWith('/'))) inherited.push(`-${letter}`, value);
  }
  return { files, masterSocket, inherited };
}
