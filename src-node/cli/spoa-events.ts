import { acmeMessage } from '../challenge/acme-message.js';
import type { ControlEvent } from '../challenge/control-server.js';
import type { AgentEvent } from '../spoe/agent.js';
import type { Counted } from './spoa-lines.js';

/** What is counted, and the sentence for who wants more than a count. */
export interface SpoaNews {
  readonly what: Counted;
  readonly sentence: string;
}

/** What a run has had the agent do. */
export function controlNews(event: ControlEvent): SpoaNews {
  if (event.kind === 'refused') return { what: 'refused to runs', sentence: `A run was refused: ${event.reason}.` };
  if (event.kind === 'dropped') {
    const sentence = `A run ended without withdrawing ${event.count} of its challenges.`;
    return { what: 'dropped by runs that ended', sentence };
  }
  return { what: event.kind, sentence: `A run has ${event.kind} ${event.count} of its challenges.` };
}

/**
 * What happened to a connection of HAProxy's, undefined where it is no news.
 * @param isDetailed with the message of an error of our own.
 */
export function agentNews(event: AgentEvent, isDetailed: boolean): SpoaNews | undefined {
  const from = `HAProxy's connection ${event.connection}`;
  const because = (error: unknown): string => (isDetailed ? ` It was: ${messageOf(error)}` : '');
  switch (event.kind) {
    case 'connected':
      // A health check every few seconds is no news.
      return event.hello.healthcheck ? undefined : { what: 'connections of HAProxy', sentence: `${from} is open.` };
    case 'disconnected': {
      const { status, message } = event.reason;
      if (event.by === 'network' || status === 0 || status === 2) return undefined;
      const by = event.by === 'agent' ? 'us' : event.by;
      const fault = event.error === undefined ? '' : because(event.error);
      return {
        what: 'of them ended by an error',
        sentence: `${from} was ended by ${by}: ${printable(message)}${fault}`,
      };
    }
    case 'message-unknown':
      return {
        what: 'without an answer',
        sentence: `${from} sent a message of another name than '${acmeMessage}'.`,
      };
    case 'handler-failed':
    case 'answer-failed': {
      const sentence = `A challenge could not be answered, by a fault of haproxy-acme.${because(event.error)}`;
      return { what: 'faults', sentence };
    }
  }
}

function messageOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}

/** HAProxy's words, or of who is taken for it, on one line. */
function printable(text: string): string {
  return text.slice(0, 200).replace(/[^\x20-\x7e]/g, '?');
}
