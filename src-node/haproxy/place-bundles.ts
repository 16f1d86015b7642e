import { resolve } from 'node:path';
import { readCertificate, type CertificateInfo } from '../certificate/x509.js';
import { buildBundle } from './bundle.js';
import { placeBundle, type PlacedBundle } from './bundle-directory.js';
import { placeLine, type PlacedLine } from './crt-list-file.js';
import { DeployError } from './deploy-error.js';
import type { Deployment } from './deployer.js';
import { listedFile, type FoundHaproxy } from './found-haproxy.js';

/** A deployment whose files are in place. */
export interface Placed {
  readonly deployment: Deployment;
  readonly pem: string;
  readonly leaf: CertificateInfo;
  readonly bundle: PlacedBundle;
  /** Undefined where no crt-list is kept. */
  readonly line: PlacedLine | undefined;
}

export interface Failed {
  readonly deployment: Deployment;
  readonly error: Error;
}

export interface Sorted {
  readonly placed: readonly Placed[];
  readonly failed: readonly Failed[];
}

/** Writes the files of all; one that cannot be written does not hold up the others. */
export async function placeAll(deployments: readonly Deployment[], found: FoundHaproxy): Promise<Sorted> {
  const placed: Placed[] = [];
  const failed: Failed[] = [];
  for (const deployment of deployments) {
    try {
      placed.push(await place(deployment, found));
    } catch (error) {
      failed.push({ deployment, error: asError(error) });
    }
  }
  return { placed, failed };
}

export async function place(deployment: Deployment, found: FoundHaproxy): Promise<Placed> {
  const { certName, fullchain, privateKey, crtList } = deployment;
  refuseApartKey(deployment.bundle, found);
  const pem = buildBundle(fullchain, privateKey, certName);
  const bundle = await placeBundle(deployment.bundle, pem);
  try {
    const line =
      crtList === undefined
        ? undefined
        : await placeLine(crtList, deployment.bundle, (certificate) => listedFile(found, certificate));
    return { deployment, pem, leaf: readCertificate(fullchain), bundle, line };
  } catch (error) {
    await bundle.restore();
    throw error;
  }
}

/** @throws DeployError `key-apart` where a crt-store takes the key from another file than the bundle. */
export function refuseApartKey(bundle: string, { config, names }: FoundHaproxy): void {
  const isBundle = (file: string): boolean => names.realpath(file) === names.realpath(bundle);
  const store = config.storedCertificates.find(({ crt, directory }) => isBundle(resolve(directory, crt)));
  if (store?.key === undefined || isBundle(resolve(store.directory, store.key))) return;
  throw new DeployError(
    'key-apart',
    `The crt-store loads ${store.name} from ${bundle}, and its key from ${store.key}.`,
  );
}

/** Puts the files back; returns the error of the first that could not be. */
export async function restoreAll(placed: readonly Placed[]): Promise<Error | undefined> {
  let failure: Error | undefined;
  for (const { bundle, line } of placed) {
    try {
      // HAProxy does not start on a line whose file is gone: the line goes first.
      if (bundle.previous === undefined) await line?.remove();
      await bundle.restore();
    } catch (error) {
      failure ??= asError(error);
    }
  }
  return failure;
}

/** The files of these stay. */
export async function keepAll(placed: readonly Placed[]): Promise<void> {
  for (const { bundle } of placed) await bundle.keep();
}

export function fail(placed: readonly Placed[], error: Error): readonly Failed[] {
  return placed.map(({ deployment }) => ({ deployment, error }));
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
