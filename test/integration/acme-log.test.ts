import { afterAll, beforeAll, expect, it } from 'vitest';
import { issue, openAuthority, startAcmeStage, type AcmeStage } from '../support/acme-stage.js';

let stage: AcmeStage;
beforeAll(async () => {
  stage = await startAcmeStage({ nonceReject: 30 });
});
afterAll(async () => await stage.stop());

it('has each request with its status and time, and no nonce, token or key authorization', async () => {
  const lines: string[] = [];
  const authority = openAuthority(stage, stage.settings({ log: (line) => lines.push(line) }));
  const publisher = stage.publisher(['http-01', 'dns-01']);
  await issue({ authority, names: ['log.test', '*.log.test'], publisher });
  authority.close();
  for (const line of lines) expect(line).toMatch(/^(?:GET|HEAD|POST) https:\/\/\S+ \d{3} \d+ ms$/);
  expect(lines.filter((line) => line.includes('/finalize-order/')).length).toBeGreaterThan(0);
  expect(publisher.published).toHaveLength(2);
  const text = lines.join('\n');
  for (const { token, keyAuthorization, validation } of publisher.published) {
    for (const secret of [token, keyAuthorization, validation]) expect(text).not.toContain(secret);
  }
});
