import { request as httpRequest, type Agent, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface Question {
  readonly url: string;
  /** The request as DER. */
  readonly body: Buffer;
  readonly userAgent: string;
  /** Milliseconds, redirects included. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  readonly agentFor: ((url: URL) => Agent | undefined) | undefined;
}

export type ResponderAnswer =
  | { readonly kind: 'answered'; readonly body: Buffer }
  | {
      readonly kind: 'failed';
      readonly reason: 'unreachable' | 'silent' | 'refused' | 'bad-answer' | 'interrupted';
      readonly detail: string;
    };

const bodyLimit = 64 * 1024;
const redirectLimit = 3;

/** One question to an OCSP responder over HTTP (RFC 6960 appendix A), bounded in time and size; never throws. */
export async function askResponder(question: Question): Promise<ResponderAnswer> {
  const deadline = AbortSignal.timeout(question.timeout);
  const signal = AbortSignal.any([question.signal, deadline]);
  try {
    return await follow(question, signal);
  } catch (error) {
    const { url } = question;
    if (question.signal.aborted) return failed('interrupted', `The question to ${url} was interrupted.`);
    if (deadline.aborted) return failed('silent', `${url} did not answer within ${question.timeout / 1000} s.`);
    return failed('unreachable', `Cannot reach ${url}: ${describe(error)}.`);
  }
}

async function follow(question: Question, signal: AbortSignal): Promise<ResponderAnswer> {
  let url = new URL(question.url);
  for (let redirects = 0; redirects <= redirectLimit; redirects += 1) {
    const message = await post(url, question, signal);
    const { statusCode = 0 } = message;
    if (statusCode === 200) return await readBody(message, url);
    message.destroy();
    const { location } = message.headers;
    if (statusCode < 300 || statusCode > 399 || location === undefined) {
      return failed('refused', `${url.href} answered HTTP ${statusCode}.`);
    }
    if (!URL.canParse(location, url.href)) return failed('bad-answer', `${url.href} leads to what is not a URL.`);
    url = new URL(location, url);
    if (!/^https?:$/.test(url.protocol)) {
      return failed('bad-answer', `${question.url} leads to ${url.href}, which is not HTTP.`);
    }
  }
  return failed('bad-answer', `${question.url} leads on more than ${redirectLimit} times.`);
}

async function post(url: URL, question: Question, signal: AbortSignal): Promise<IncomingMessage> {
  const options: RequestOptions = {
    method: 'POST',
    headers: {
      'User-Agent': question.userAgent,
      'Content-Type': 'application/ocsp-request',
      'Content-Length': question.body.length,
      Accept: 'application/ocsp-response',
    },
    agent: question.agentFor?.(url) ?? false,
    signal,
  };
  return await new Promise((resolve, reject) => {
    const outgoing = url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options);
    outgoing.once('response', resolve);
    outgoing.on('error', reject);
    outgoing.end(question.body);
  });
}

async function readBody(message: IncomingMessage, url: URL): Promise<ResponderAnswer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > bodyLimit) return failed('bad-answer', `${url.href} answered over ${bodyLimit} bytes.`);
    parts.push(part);
  }
  return { kind: 'answered', body: Buffer.concat(parts) };
}

function failed(reason: Extract<ResponderAnswer, { kind: 'failed' }>['reason'], detail: string): ResponderAnswer {
  return { kind: 'failed', reason, detail };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message !== '' || !('code' in error) ? error.message : String(error.code);
}
