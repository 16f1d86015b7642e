import { CodedError } from '../platform/coded-error.js';

export type AgentErrorCode = 'spoe-address-in-use' | 'spoe-address-refused' | 'spoe-address-unavailable';

/** What to do about each error; docs/errors.md has an entry for each. */
export const agentHints: Readonly<Record<AgentErrorCode, string>> = {
  'spoe-address-in-use':
    'Stop the program that has it, or listen elsewhere and tell HAProxy by the server line of its SPOE backend.',
  'spoe-address-refused': 'Give a directory that this user may write to, or a port above 1023.',
  'spoe-address-unavailable':
    'Give an address of this machine, such as 127.0.0.1:12345, or a path in a directory that is there.',
};

/** The agent cannot listen. */
export class AgentError extends CodedError {
  public override readonly name = 'AgentError';
  public readonly code: AgentErrorCode;
  public readonly hint: string;

  public constructor(code: AgentErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.hint = agentHints[code];
  }
}
