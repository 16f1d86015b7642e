import { DeployError } from './deploy-error.js';
import type { Runtime } from './runtime-api.js';
import { crtListEntries, numberedEntries, showCertificate } from './ssl-store.js';
import { answerLines, updateCertificate, type CertificateUpdate, type TransactionContext } from './ssl-transaction.js';

export { crtListEntries, listCertificates, listCrtLists, showCertificate } from './ssl-store.js';
export { updateCertificate, type CertificateUpdate, type TransactionContext } from './ssl-transaction.js';

/** A crt-list or a directory that a bind has loaded, and an entry in it. */
export interface ListEntry {
  readonly list: string;
  /** What follows the name, such as ` [alpn h2] shop.test`, or nothing. */
  readonly line: string;
}

/**
 * Makes a certificate that HAProxy does not know, and adds it to lists, one after the other; to one that has it, it is
 * not added again. What a killed run has left of it is taken over. Where a step fails, those before it are undone; one
 * that was used already keeps what it was given.
 * @throws DeployError as `updateCertificate`; `runtime-not-loaded` for a list that no bind has loaded.
 */
export async function addCertificate(
  runtime: Runtime,
  update: CertificateUpdate,
  lists: readonly ListEntry[],
  context: TransactionContext,
): Promise<void> {
  const { name } = update;
  const missing: ListEntry[] = [];
  for (const entry of lists) {
    if (!(await crtListEntries(runtime, entry.list)).includes(name)) missing.push(entry);
  }
  const isUsed = await isUsedAlready(runtime, name);
  const begun: string[] = [];
  try {
    await updateCertificate(runtime, update, context);
    for (const entry of missing) {
      begun.push(entry.list);
      await addEntry(runtime, name, entry);
    }
  } catch (error) {
    throw await undone(error, async () => {
      for (const list of begun) await removeEntries(runtime, name, list);
      if (!isUsed) await deleteCertificate(runtime, name);
    });
  }
}

/**
 * The way back of `addCertificate`. What is not there need not be removed.
 * @throws DeployError `runtime-rejected` where HAProxy keeps it, for one because the configuration names it.
 */
export async function removeCertificate(runtime: Runtime, name: string, lists: readonly string[]): Promise<void> {
  for (const list of lists) await removeEntries(runtime, name, list);
  await deleteCertificate(runtime, name);
}

/** Begins a certificate, and tells whether there is one already that something uses. */
async function isUsedAlready(runtime: Runtime, name: string): Promise<boolean> {
  const answer = await runtime.command(['new', 'ssl', 'cert', name]);
  if (answer.includes('New empty certificate store')) return false;
  if (!answer.includes('already exists!')) throw refused(runtime, `does not begin a certificate ${name}`, answer);
  return (await showCertificate(runtime, name))?.status === 'Used';
}

/** Options and filters go by a payload, in which a name ends at a space; a command's words leave them out (2.2 to 3.4). */
async function addEntry(runtime: Runtime, name: string, { list, line }: ListEntry): Promise<void> {
  const words = ['add', 'ssl', 'crt-list', list];
  const rest = line.trim();
  if (rest !== '' && /\s/.test(name)) {
    const message = `HAProxy takes no options and filters for ${name} in ${list}: there is a space in the name.`;
    throw new DeployError('runtime-rejected', message);
  }
  const answer = await (rest === '' ? runtime.command([...words, name]) : runtime.command(words, `${name} ${rest}`));
  const isThere = /^Success!$/m.test(answer) || answer.includes('already exists in this directory');
  if (!isThere) throw refused(runtime, `does not add ${name} to ${list}`, answer);
}

/** One by one, since HAProxy asks for the line where a certificate is there more than once. */
async function removeEntries(runtime: Runtime, name: string, list: string): Promise<void> {
  const entries = (await numberedEntries(runtime, list)).filter((entry) => entry.name === name);
  for (const { line } of entries) {
    const answer = await runtime.command(['del', 'ssl', 'crt-list', list, `${name}:${line}`]);
    if (!answer.includes(' deleted in crtlist '))
      throw refused(runtime, `does not remove ${name} from ${list}`, answer);
  }
}

async function deleteCertificate(runtime: Runtime, name: string): Promise<void> {
  const answer = await runtime.command(['del', 'ssl', 'cert', name]);
  const isGone = /' (?:deleted!|doesn't exist!)$/m.test(answer);
  if (!isGone) throw refused(runtime, `does not delete the certificate ${name}`, answer);
}

function refused(runtime: Runtime, what: string, answer: string): DeployError {
  const message = `HAProxy at ${runtime.address} ${what}.`;
  return new DeployError('runtime-rejected', message, { details: answerLines(answer) });
}

/** The error, with what could not be undone after it. */
export async function undone(error: unknown, undo: () => Promise<void>): Promise<unknown> {
  try {
    await undo();
    return error;
  } catch (left) {
    if (!(error instanceof DeployError) || !(left instanceof DeployError)) return error;
    const details = [...error.details, `What was begun is left: ${left.message}`, ...left.details];
    return new DeployError(error.code, error.message, { cause: error, details });
  }
}
