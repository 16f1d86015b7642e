import { describe, expect, it } from 'vitest';
import { agentNews } from '../../../src-node/cli/spoa-events.js';
import type { AgentEvent } from '../../../src-node/spoe/agent.js';

const error = new Error(`what it was\n\u001b[31m${'x'.repeat(5_000)}`);
const faults: readonly [string, AgentEvent][] = [
  ['a handler that fails', { kind: 'handler-failed', name: 'acme-challenge', error, connection: 1 }],
  ['an answer that cannot be sent', { kind: 'answer-failed', error, connection: 1 }],
  [
    'a fault that ends a connection',
    { kind: 'disconnected', by: 'agent', reason: { status: 99, message: 'A fault.' }, error, connection: 1 },
  ],
];

describe('the sentence of', () => {
  it.each(faults)('%s says what the error was where details are wanted, on one line that is bounded', (_, event) => {
    expect(agentNews(event, false)?.sentence).not.toContain('what it was');
    const sentence = agentNews(event, true)?.sentence ?? '';
    expect(sentence).toContain('what it was??[31mxxx');
    expect(sentence).toMatch(/^[\x20-\x7e]{1,400}$/);
  });

  it('a connection that ends as it should is none', () => {
    const reason = { status: 0, message: 'bye' };
    expect(agentNews({ kind: 'disconnected', by: 'haproxy', reason, connection: 1 }, true)).toBeUndefined();
    const other = { status: 4, message: 'odd\nwords' };
    expect(agentNews({ kind: 'disconnected', by: 'haproxy', reason: other, connection: 7 }, false)?.sentence).toMatch(
      / 7 .*odd\?words$/,
    );
  });
});
