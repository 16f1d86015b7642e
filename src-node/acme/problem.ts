/** RFC 8555 section 6.7 and RFC 7807: what a CA says of a failure. */
export interface Problem {
  /** URN such as `urn:ietf:params:acme:error:rateLimited`. */
  readonly type: string;
  readonly detail: string;
  readonly status: number | undefined;
  /** RFC 8555 section 6.7.1: one for each identifier concerned. */
  readonly subproblems: readonly Subproblem[];
}

export interface Subproblem extends Omit<Problem, 'subproblems'> {
  readonly identifier: string | undefined;
}

const limit = 500;
const prefix = 'urn:ietf:params:acme:error:';

/** Reads a problem document; undefined for anything else. Text is bounded and freed of control characters. */
export function readProblem(value: unknown): Problem | undefined {
  if (!isRecord(value) || typeof value['type'] !== 'string') return undefined;
  const subproblems = Array.isArray(value['subproblems']) ? (value['subproblems'] as unknown[]) : [];
  return {
    ...readMembers(value),
    subproblems: subproblems
      .filter(isRecord)
      .slice(0, 100)
      .map((entry) => {
        const identifier = entry['identifier'];
        const name = isRecord(identifier) ? identifier['value'] : undefined;
        return { ...readMembers(entry), identifier: typeof name === 'string' ? clean(name) : undefined };
      }),
  };
}

function readMembers(value: Record<string, unknown>): Omit<Problem, 'subproblems'> {
  return {
    type: typeof value['type'] === 'string' ? clean(value['type']) : 'about:blank',
    detail: typeof value['detail'] === 'string' ? clean(value['detail']) : '',
    status: typeof value['status'] === 'number' ? value['status'] : undefined,
  };
}

/** `rateLimited: too many orders`: the type's last word and the CA's text. */
export function describeProblem(problem: Pick<Problem, 'type' | 'detail'>): string {
  const type = problem.type.startsWith(prefix) ? problem.type.slice(prefix.length) : problem.type;
  return problem.detail === '' ? type : `${type}: ${problem.detail.replace(/\.$/, '')}`;
}

/** A line for each subproblem, opened by its name. */
export function describeSubproblems(problem: Problem): readonly string[] {
  return problem.subproblems.map((entry) => `${entry.identifier ?? 'order'}: ${describeProblem(entry)}`);
}

/** Text from the network as one bounded line that a terminal can show, in the order in which it stands. */
export function clean(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is to be removed
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, ' ').trim();
  return line.length > limit ? `${line.slice(0, limit)}...` : line;
}

/** True for a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
