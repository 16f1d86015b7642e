import { createRequire } from 'node:module';

/** What Node lacks of Linux: record locks that certbot sees, and the exchange of two directories in one step. */
export interface NativeFileSystem {
  /** Takes an exclusive record lock (fcntl F_OFD_SETLK) on the whole file; false when somebody else holds it. */
  readonly tryLock: (fd: number) => boolean;
  /** renameat2 with RENAME_EXCHANGE: the two paths change places atomically; false where they cannot. */
  readonly swap: (from: string, to: string) => boolean;
}

/** The package ships no types. */
interface Extensions {
  tryLock(fd: number): boolean;
  swapSync(from: string, to: string): void;
}

/** Undefined where the addon has no build for this platform or C library. */
export function loadNative(): NativeFileSystem | undefined {
  let extensions: Extensions;
  try {
    extensions = createRequire(import.meta.url)('fs-native-extensions') as Extensions;
  } catch {
    return undefined;
  }
  return {
    tryLock: (fd) => extensions.tryLock(fd),
    swap: (from, to) => {
      try {
        extensions.swapSync(from, to);
        return true;
      } catch {
        return false;
      }
    },
  };
}
