import { answerChallenges, acmeMessage } from '../../challenge/acme-message.js';
import { firstOf, leaseSource, thumbprintSource } from '../../challenge/answer-sources.js';
import { startControlServer } from '../../challenge/control-server.js';
import { createLeases } from '../../challenge/leases.js';
import { defaultSpoeControl } from '../../challenge/spoe.js';
import { mostQuestions, webrootSource } from '../../challenge/webroot-source.js';
import type { Config, SpoaAddress } from '../../config/config.js';
import { systemClock } from '../../platform/clock.js';
import { startAgent } from '../../spoe/agent.js';
import { programVersion, type CliContext } from '../context.js';
import type { ExitCode } from '../exit-code.js';
import { agentNews, controlNews, type SpoaNews } from '../spoa-events.js';
import { spoaLines } from '../spoa-lines.js';

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
  const otherwise = thumbprintSource(thumbprints.everywhere, thumbprints.hosts);
  const files = webroots.length > 0 ? webrootSource({ webroots, otherwise, clock: systemClock }) : otherwise;
  const source = firstOf([leaseSource(leases), files]);
  const tell = (news: SpoaNews | undefined): void => {
    if (news !== undefined) lines.tell(news.what, news.sentence);
  };
  const server = await startControlServer({
    path: control,
    leases,
    clock: systemClock,
    onEvent: (event) => tell(controlNews(event)),
  });
  try {
    const agent = await startAgent({
      listen: spoa.listen.map((address) => ('path' in address ? { ...address, mode: everybody } : address)),
      handlers: {
        [acmeMessage]: answerChallenges(source, (isAnswered) => {
          lines.count(isAnswered ? 'answered' : 'without an answer');
        }),
      },
      // Those that wait for a file leave room for those that need none.
      limits: { framesInFlight: 2 * mostQuestions },
      onEvent: (event) => tell(agentNews(event, output.verbosity > 1)),
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
