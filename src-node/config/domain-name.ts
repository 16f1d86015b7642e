import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { ConfigError } from './config-error.js';

/**
 * A DNS name as a CA takes it: lower case, A-labels for what is not ASCII (RFC 5891), no final dot.
 * @throws ConfigError `name-invalid` with the reason.
 */
export function domainName(text: string): string {
  const given = text.trim();
  const wildcard = given.startsWith('*.') ? '*.' : '';
  const bare = given.slice(wildcard.length).replace(/\.$/, '');
  const reason = unfitText(bare) ?? unfitName(domainToASCII(bare));
  if (reason !== undefined)
    throw new ConfigError(
      'name-invalid',
      `The name '${printable(given)}' is not one that a certificate can have: ${reason}.`,
    );
  return wildcard + domainToASCII(bare);
}

/**
 * An IP address as a CA takes it (RFC 8738): IPv4 with dots, IPv6 in its shortest form (RFC 5952).
 * @throws ConfigError `name-invalid`.
 */
export function ipAddress(text: string): string {
  const given = text.trim();
  if (isIP(given) === 4) return given;
  if (isIP(given) === 6 && !given.includes('%')) return new URL(`http://[${given}]/`).hostname.slice(1, -1);
  throw new ConfigError('name-invalid', `'${printable(given)}' is not an IP address.`);
}

function unfitText(text: string): string | undefined {
  if (text === '') return 'it is empty';
  if (/[\s/:?#@%,\\[\]]/.test(text)) {
    return isIP(text) === 6
      ? 'it is an IP address, which --ip-address takes'
      : 'it may hold letters, digits, hyphens and dots only (no URL, port or path)';
  }
  if (text.includes('*')) return "a wildcard may stand only as the whole first label ('*.example.com')";
  if (text.includes('..') || text.startsWith('.')) return 'it has an empty label';
  return undefined;
}

function unfitName(name: string): string | undefined {
  if (name === '') return 'it cannot be written in A-labels (IDNA)';
  if (isIP(name) !== 0) return 'it is an IP address, which --ip-address takes';
  if (name.length > 253) return `it is ${name.length} characters long, and 253 is the most`;
  const labels = name.split('.');
  if (labels.length < 2) return 'it needs at least one dot';
  for (const label of labels) {
    if (label.length > 63) return `its label '${label.slice(0, 16)}...' is over 63 characters long`;
    if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label)) {
      return `its label '${label}' must be of letters, digits and hyphens, without a hyphen at its ends`;
    }
  }
  return /^\d+$/.test(labels.at(-1) ?? '') ? 'its last label is a number' : undefined;
}

function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is to be removed
  return text.replace(/[\u0000-\u001f\u007f]/g, '?').slice(0, 260);
}
