import { isIP } from 'node:net';
import { selfCheckModes, type GivenChallenge, type SelfCheckMode } from '../lineage/challenge-settings.js';
import { usage } from './config-error.js';
import { nonEmpty, resolvePort, type Given } from './resolve-values.js';

/** The flags of the ways that certbot does not have, and of the self-check. @throws ConfigError */
export function resolveChallengeSettings(given: Given, absolute: (value: string) => string): GivenChallenge {
  return {
    runtimeMap: resolveMap(given.runtimeMap),
    spoeControl: given.spoeControl?.map(absolute),
    tlsAlpn01Port: resolvePort('--tls-alpn-01-port', given.tlsAlpn01Port),
    tlsAlpn01Address: nonEmpty(given.tlsAlpn01Address),
    selfCheck: resolveSelfCheck(given.selfCheck),
    selfCheckPort: resolvePort('--self-check-port', given.selfCheckPort),
    selfCheckHttpsPort: resolvePort('--self-check-https-port', given.selfCheckHttpsPort),
    selfCheckAddress: resolveAddress(given.selfCheckAddress),
    selfCheckResolver: resolveResolver(given.selfCheckResolver),
  };
}

/** HAProxy knows a map by the very string that its configuration has, which may be relative or `virt@NAME`. */
function resolveMap(given: string | undefined): string | undefined {
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  if (given === undefined || /^[^\u0000-\u001f\u007f"']{1,1024}$/.test(given)) return given;
  throw usage('--runtime-map is the file of a map as haproxy.cfg names it, without quotes and control characters.');
}

function resolveSelfCheck(given: string | undefined): SelfCheckMode | undefined {
  const mode = selfCheckModes.find((known) => known === given);
  if (given === undefined || mode !== undefined) return mode;
  throw usage(`--self-check takes ${selfCheckModes.join(', ')}, not '${given.slice(0, 80)}'.`);
}

function resolveAddress(given: string | undefined): string | undefined {
  if (given === undefined || isIP(given) !== 0) return given;
  throw usage(`--self-check-address is an IP address, not '${given.slice(0, 80)}'.`);
}

/** As Node's resolver takes it: `192.0.2.53`, `192.0.2.53:5353`, `[2001:db8::53]:5353`. */
function resolveResolver(given: string | undefined): string | undefined {
  if (given === undefined || isIP(given) !== 0) return given;
  const [, bracketed, plain, digits = ''] = /^(?:\[([^\]]*)\]|([\d.]+)):(\d{1,5})$/.exec(given) ?? [];
  const isAddress = isIP(bracketed ?? '') === 6 || isIP(plain ?? '') === 4;
  if (isAddress && Number(digits) >= 1 && Number(digits) <= 65_535) return given;
  throw usage(
    `--self-check-resolver is the address of a DNS server, with or without :PORT, not '${given.slice(0, 80)}'.`,
  );
}
