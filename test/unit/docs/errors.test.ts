import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { acmeHints } from '../../../src-node/acme/acme-error.js';
import { certificateHints } from '../../../src-node/certificate/certificate-error.js';
import { adoptionHints } from '../../../src-node/adoption/adoption-error.js';
import { challengeHints } from '../../../src-node/challenge/challenge-error.js';
import { cliHints } from '../../../src-node/cli/cli-error.js';
import { configHints } from '../../../src-node/config/config-error.js';
import { deployHints } from '../../../src-node/haproxy/deploy-error.js';
import { lineageHints } from '../../../src-node/lineage/lineage-error.js';
import { agentHints } from '../../../src-node/spoe/agent-error.js';
import { renewalHints } from '../../../src-node/renewal/renewal-error.js';

const page = readFileSync(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8');

describe('docs/errors.md', () => {
  it('has an entry for each code and for nothing else', () => {
    const tables = [
      acmeHints,
      adoptionHints,
      agentHints,
      certificateHints,
      challengeHints,
      cliHints,
      configHints,
      deployHints,
      lineageHints,
      renewalHints,
    ];
    const codes = tables.flatMap((table) => Object.keys(table));
    const entries = [...page.matchAll(/^### (\S+)$/gm)].map((match) => match[1]);
    expect(entries.sort()).toEqual(codes.sort());
  });
});
