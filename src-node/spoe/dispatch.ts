import type { Action, Message } from './payload.js';
import type { TypedValue } from './typed-data.js';

/** Answers one message. What it returns at once is sent at once; a promise may be kept in any order. */
export type MessageHandler = (args: ReadonlyMap<string, TypedValue>) => readonly Action[] | Promise<readonly Action[]>;

/** What happened to a message that got no answer. */
export type DispatchEvent =
  | { readonly kind: 'message-unknown'; readonly name: string }
  | { readonly kind: 'handler-failed'; readonly name: string; readonly error: unknown };

/**
 * The actions of all messages of a NOTIFY frame, in their order. A message that nobody handles and one whose handler
 * throws has none: HAProxy goes on as if no agent were there. A promise only where a handler made one: the answer of the
 * others needs no trip through the event loop.
 */
export function dispatch(
  messages: readonly Message[],
  handlers: ReadonlyMap<string, MessageHandler>,
  tell: (event: DispatchEvent) => void,
): readonly Action[] | Promise<readonly Action[]> {
  const answers: (readonly Action[] | Promise<readonly Action[]>)[] = [];
  let waits = false;
  for (const { name, args } of messages) {
    const handler = handlers.get(name);
    if (handler === undefined) {
      tell({ kind: 'message-unknown', name });
      continue;
    }
    const failed = (error: unknown): readonly Action[] => {
      tell({ kind: 'handler-failed', name, error });
      return [];
    };
    try {
      const answer = handler(new Map(args));
      if ('then' in answer) waits = true;
      answers.push('then' in answer ? answer.catch(failed) : answer);
    } catch (error) {
      failed(error);
    }
  }
  if (waits) return Promise.all(answers.map(async (answer) => await answer)).then((all) => all.flat());
  return (answers as (readonly Action[])[]).flat();
}
