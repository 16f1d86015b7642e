import type { Found, Inspection } from '../../haproxy/deployer.js';
import type { Verification } from '../commands/verify.js';
import { outcomeJson, stringify } from './json.js';
import { table } from './table.js';
import { failureText } from './text.js';

/** A line for each place of each certificate. */
export function verificationText({ inspections, failed }: Verification): string {
  if (inspections.length === 0 && failed.length === 0) return 'There is no certificate for HAProxy yet.\n';
  const rows = inspections.flatMap(rowsOf);
  const lines = rows.length === 0 ? '' : table(['CERTIFICATE', 'WHERE', 'PLACE', 'NAME', '', 'WHAT IS THERE'], rows);
  return `${lines}${failureText(failed)}`;
}

function rowsOf({ certName, stored, disk, memory, served }: Inspection): readonly (readonly string[])[] {
  const row = (where: string, { place, name = '', same, seen }: Found): readonly string[] => {
    return [certName, where, place, name, same ? 'same' : 'DIFFERS', seen];
  };
  return [
    [certName, 'stored', '', '', '', stored],
    ...disk.map((found) => row('on disk', found)),
    ...memory.map((found) => row('in memory', found)),
    ...served.map((found) => row('served', found)),
    ...(served.length === 0 ? [[certName, 'served', '', '', '', 'no bind is known that loads it']] : []),
  ];
}

export function verificationJson({ inspections, failed }: Verification, warnings: readonly string[]): string {
  return stringify({ certificates: inspections, failed: failed.map(outcomeJson), warnings });
}
