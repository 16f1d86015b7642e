import type { Response } from '../../src-node/acme/exchange.js';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTransport, type Transport, type TransportSettings } from '../../src-node/acme/transport.js';
import { loopback } from './loopback.js';

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface TransportUnderTest {
  readonly transport: Transport;
  /** Milliseconds of each pause that was made before a further try; no time goes by in them. */
  readonly pauses: number[];
  readonly controller: AbortController;
  /** Another transport, with some settings of its own. */
  readonly open: (differing: Partial<TransportSettings>) => Transport;
  /** Listens on loopback until the end of the test; returns a URL of the server. */
  readonly listen: (server: Server, protocol?: 'http' | 'https') => Promise<string>;
  /** A server that gives these answers in turn, the last one for ever, and counts. */
  readonly answering: (
    ...answers: readonly Answer[]
  ) => Promise<{ readonly url: string; readonly asked: () => number }>;
  /** With the tries that a request gets. */
  readonly get: (url: string, through?: Transport) => Promise<Response>;
  readonly atEnd: (stop: () => void) => void;
  readonly stop: () => void;
}

/** A transport on real sockets; of time, only the pauses between tries are told. */
export function transportUnderTest(): TransportUnderTest {
  const stops: (() => void)[] = [];
  const pauses: number[] = [];
  const controller = new AbortController();
  const open = (differing: Partial<TransportSettings>): Transport => {
    const made = createTransport({
      userAgent: 'test/1',
      extraCa: undefined,
      verify: true,
      timeout: 10_000,
      clock: {
        now: () => 0,
        sleep: async (pause, signal) => {
          pauses.push(pause);
          signal?.throwIfAborted();
          await Promise.resolve();
        },
      },
      proxyFor: () => undefined,
      log: () => undefined,
      signal: controller.signal,
      ...differing,
    });
    stops.push(made.close);
    return made;
  };
  const listen = async (server: Server, protocol = 'http'): Promise<string> => {
    await new Promise<void>((resolve) => server.listen(0, loopback, resolve));
    stops.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return `${protocol}://${loopback}:${(server.address() as AddressInfo).port}/path`;
  };
  const transport = open({});
  return {
    transport,
    pauses,
    controller,
    open,
    listen,
    answering: async (...answers) => {
      let asked = 0;
      const listener: RequestListener = (_, response) => {
        const { status = 200, headers = {}, body = '' } = answers[Math.min(asked, answers.length - 1)] ?? {};
        asked += 1;
        response.writeHead(status, headers).end(body);
      };
      return { url: await listen(createServer(listener)), asked: () => asked };
    },
    get: async (url, through = transport) =>
      await through.retried(url, async () => await through.send({ method: 'GET', url, body: undefined })),
    atEnd: (stop) => void stops.push(stop),
    stop: () => {
      for (const stop of stops.reverse()) stop();
    },
  };
}
