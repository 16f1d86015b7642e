import { answerChallenges, acmeMessage } from '../../challenge/acme-message.js';
import { firstOf, leaseSource, thumbprintSource, webrootSource } from '../../challenge/answer-sources.js';
import { startControlServer, type ControlEvent } from '../../challenge/control-server.js';
import { createLeases } from '../../challenge/leases.js';
import { defaultSpoeControl } from '../../challenge/spoe.js';
import type { Config, SpoaAddress } from '../../config/config.js';
import { systemClock } from '../../platform/clock.js';
import { startAgent, type AgentEvent } from '../../spoe/agent.js';
import { programVersion, type CliContext } from '../context.js';
import type { ExitCode } from '../exit-code.js';
import { spoaLines, type SpoaLines } from '../spoa-lines.js';

/** Challenges that runs may have published at one time. */
const mostChallenges = 10_000;

/**
 * `spoa`: answers HAProxy until it is told to end. It takes no lock and writes no log: it reads and writes nothing of the
 * lineages, and runs beside every other command.
 * @throws ChallengeError or AgentError where a socket cannot be had.
 */
export async function runSpoa({ spoa, output }: Config, { stdout, signal }: CliContext): Promise<ExitCode> {
  const lines = spoaLines(stdout, output);
  const { control = defaultSpoeControl, thumbprints, webroots } = spoa;
  const leases = createLeases(mostChallenges);
  const source = firstOf([
    leaseSource(leases),
    ...(webroots.length > 0 ? [webrootSource(webroots)] : []),
    thumbprintSource(thumbprints.everywhere, thumbprints.hosts),
  ]);
  const tell = (event: ControlEvent): void => tellControl(event, lines);
  const server = await startControlServer({ path: control, leases, clock: systemClock, onEvent: tell });
  try {
    const agent = await startAgent({
      listen: spoa.listen.map((address) => ('path' in address ? { ...address, mode: everybody } : address)),
      handlers: {
        [acmeMessage]: answerChallenges(source, (isAnswered) => {
          lines.count(isAnswered ? 'answered' : 'without an answer');
        }),
      },
      onEvent: (event) => tellAgent(event, lines),
    });
    lines.say(opening(spoa.listen, control));
    await lines.summarize(systemClock, signal);
    await agent.close();
    lines.say('Ended.');
  } finally {
    await server.close();
  }
  return 0;
}

/** HAProxy is another user. What it can ask is what everybody can ask HAProxy, and what listens on loopback. */
const everybody = 0o666;

function opening(listen: readonly SpoaAddress[], control: string): string {
  const addresses = listen.map((address) => ('path' in address ? address.path : `${address.host}:${address.port}`));
  return `haproxy-acme ${programVersion} answers HAProxy at ${addresses.join(', ')}; runs publish at ${control}.`;
}

function tellControl(event: ControlEvent, lines: SpoaLines): void {
  if (event.kind === 'refused') lines.tell('refused to runs', `A run was refused: ${event.reason}.`);
  else if (event.kind === 'dropped') {
    lines.tell('dropped by runs that ended', `A run ended without withdrawing ${event.count} of its challenges.`);
  } else lines.tell(event.kind, `A run has ${event.kind} ${event.count} of its challenges.`);
}

function tellAgent(event: AgentEvent, lines: SpoaLines): void {
  const from = `HAProxy's connection ${event.connection}`;
  switch (event.kind) {
    case 'connected':
      // A health check every few seconds is no news.
      if (!event.hello.healthcheck) lines.tell('connections of HAProxy', `${from} is open.`);
      return;
    case 'disconnected': {
      const { status, message } = event.reason;
      const isNormal = event.by === 'network' || status === 0 || status === 2;
      const sentence = `${from} was ended by ${event.by === 'agent' ? 'us' : event.by}: ${printable(message)}`;
      if (!isNormal) lines.tell('of them ended by an error', sentence);
      return;
    }
    case 'message-unknown':
      lines.tell('without an answer', `${from} sent a message of another name than '${acmeMessage}'.`);
      return;
    case 'handler-failed':
    case 'answer-failed':
      lines.tell('faults', `A challenge could not be answered, by a fault of haproxy-acme.`);
  }
}

/** HAProxy's words, or of who is taken for it. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
}
