import type { MessageHandler } from '../spoe/dispatch.js';
import type { AnswerSource } from './answer-sources.js';
import { challengePath, isToken } from './challenge-publisher.js';

/** The spoe-message of haproxy/spoe-acme.conf, and the variable that it sets: `txn.acme.key_authorization`. */
export const acmeMessage = 'acme-challenge';
const variable = 'key_authorization';

/** Answers HAProxy's message from a source; for what is no challenge, or not known, without an action. */
export function answerChallenges(source: AnswerSource, tell: (isAnswered: boolean) => void): MessageHandler {
  const answer = (keyAuthorization: string | undefined): ReturnType<MessageHandler> => {
    tell(keyAuthorization !== undefined);
    if (keyAuthorization === undefined) return [];
    return [{ type: 'set-var', scope: 'txn', name: variable, value: { type: 'string', value: keyAuthorization } }];
  };
  return (args) => {
    const text = (name: string): string => {
      const given = args.get(name);
      return given?.type === 'string' ? given.value : '';
    };
    // HAProxy's `path` has neither the host nor the query.
    const path = text('path');
    const token = path.slice(challengePath.length);
    if (!path.startsWith(challengePath) || !isToken(token)) return answer(undefined);
    const found = source({ token, host: hostOf(text('host')) });
    return found instanceof Promise ? found.then(answer) : answer(found);
  };
}

/** RFC 9110 section 7.2: a Host header may have a port, and an IPv6 address is in brackets. */
function hostOf(header: string): string {
  const [, bracketed, plain = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(header) ?? [];
  return (bracketed ?? plain).toLowerCase().replace(/\.$/, '');
}
