import { access } from 'node:fs/promises';
import { bundlePath } from '../haproxy/bundle-directory.js';
import type { Lineage } from '../lineage/lineage.js';
import type { Dependencies } from './dependencies.js';

/**
 * Removes a lineage, one that is broken too. Its bundle stays: HAProxy does not start where a `crt` names a file that is
 * missing or a directory without any, and it alone knows what it needs.
 * @returns sentences about what is left to do.
 * @throws LineageError, such as `archive-shared`.
 */
export async function removeLineage(certName: string, { store }: Dependencies): Promise<readonly string[]> {
  const { lineages } = await store.list();
  const lineage = lineages.find((entry) => entry.certName === certName);
  await store.remove(certName);
  return lineage === undefined ? [] : await remainingBundle(lineage);
}

/** What there is to say of a bundle that HAProxy may serve. */
export async function remainingBundle({ certName, settings }: Lineage): Promise<readonly string[]> {
  const { certDir = '' } = settings.haproxy;
  const bundle = bundlePath(settings.haproxy, certName);
  if (bundle === undefined) return [];
  const isThere = await access(bundle).then(
    () => true,
    () => false,
  );
  if (!isThere) return [];
  const { crtList } = settings.haproxy;
  if (crtList !== undefined) {
    return [
      `HAProxy may still serve ${bundle}: take its line out of ${crtList}, remove the file, then reload HAProxy.`,
    ];
  }
  return [
    `HAProxy may still serve ${bundle}: remove this file when ${certDir} holds another one and no crt line names it, then reload HAProxy.`,
  ];
}
