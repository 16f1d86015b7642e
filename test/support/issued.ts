import { X509Certificate } from 'node:crypto';
import { expect } from 'vitest';
import { testCertificate } from './test-certificate.js';

/** A certificate with its chain and key, as HAProxy takes it. */
export interface Issued {
  readonly pem: string;
  readonly chain: string;
  readonly key: string;
  /** As HAProxy shows it: upper-case hex. */
  readonly sha1: string;
  /** As a handshake shows it: upper-case hex with colons. */
  readonly sha256: string;
}

export interface IssueOptions {
  readonly type?: 'ecdsa' | 'rsa';
  /** How often the chain holds the intermediate, to make it long. */
  readonly links?: number;
  /** Bytes that a second name has, to make it a little longer. */
  readonly padding?: number;
}

export async function issue(name: string, { type = 'ecdsa', links = 1, padding }: IssueOptions = {}): Promise<Issued> {
  const keySpecification = type === 'rsa' ? ({ type, size: 2048 } as const) : ({ type, curve: 'secp256r1' } as const);
  const second = padding === undefined ? [] : [`${'x'.repeat(padding).replace(/.{60}/g, '$&.')}invalid`];
  const { leaf, intermediates, privateKey } = await testCertificate({ names: [name, ...second], keySpecification });
  const chain = leaf + intermediates.repeat(links);
  const x509 = new X509Certificate(leaf);
  const sha1 = x509.fingerprint.replaceAll(':', '');
  return { pem: chain + privateKey, chain, key: privateKey, sha1, sha256: x509.fingerprint256 };
}

export interface Failure {
  readonly code: string;
  readonly details: readonly string[];
}

/** The DeployError that it ends in, seen to tell no line of a PEM. */
export async function failure(promise: Promise<unknown>, ...issued: readonly Issued[]): Promise<Failure> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: 'DeployError' });
  const told = JSON.stringify([error, String(error), (error as Error).stack]);
  for (const line of issued.flatMap(({ pem }) => pem.split('\n')).filter((text) => text.length > 20)) {
    if (!line.startsWith('-----')) expect(told).not.toContain(line);
  }
  return error as Error & Failure;
}
