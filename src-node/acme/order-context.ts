import type { AcmeConnection } from './acme-connection.js';
import type { IssueRequest } from './certificate-authority.js';
import type { Waiting } from './poll.js';

/** What an order is gone about with. */
export interface OrderContext {
  readonly connection: AcmeConnection;
  /** The account's private key. */
  readonly key: string;
  readonly request: IssueRequest;
  readonly waiting: Waiting;
  /** Told what is not a step. */
  readonly log: (line: string) => void;
}
