import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuOfProcess, peakMemory, type CommandTime } from './cpu-time.js';
import { spread, type Spread } from './figures.js';
import { startLoaded, type LoadedHaproxy } from './loaded-haproxy.js';
import type { BenchCertificate, CertificateMaker } from './many-certificates.js';

export interface DeploymentPlan {
  readonly directory: string;
  readonly make: CertificateMaker;
  /** How many certificates HAProxy has loaded, from few to many. */
  readonly counts: readonly { readonly certificates: number; readonly rounds: number }[];
  readonly progress: (text: string) => void;
}

/** What one way to renew a certificate comes to. */
interface Way {
  /** Milliseconds until a handshake shows the new certificate. */
  readonly served: number;
  /** Milliseconds of CPU of HAProxy. */
  readonly cpu: number;
  /** Bytes that its processes had at most, together. */
  readonly memory: number;
}
export type WaySpread = { readonly [Key in keyof Way]: Spread };

export interface DeploymentCost {
  readonly certificates: number;
  readonly rounds: number;
  readonly runtime: WaySpread;
  readonly reload: WaySpread;
  /** Time to served by the reload over that at runtime in the same round. */
  readonly ratio: Spread;
  /** Milliseconds of the whole `haproxy-acme deploy --cert-name`, and of its own CPU. */
  readonly command: Spread;
  readonly commandCpu: Spread;
  /** Time to served by the reload over the command in the same round. */
  readonly commandRatio: Spread;
}

/**
 * One of many certificates is renewed by the Runtime API alone, by a process that takes over (`-sf`), and by our command,
 * in turn, so that whatever else the machine does meets all alike.
 */
export async function measureDeployments(plan: DeploymentPlan): Promise<readonly DeploymentCost[]> {
  const { directory, make, progress } = plan;
  const costs: DeploymentCost[] = [];
  const certificates = new Map<string, BenchCertificate>();
  mkdirSync(directory, { recursive: true });
  for (const { certificates: count, rounds } of plan.counts) {
    progress(`deployments, ${count} certificates are made and loaded`);
    while (certificates.size < count) {
      const name = `n${certificates.size}.bench.test`;
      certificates.set(name, await make(name));
    }
    const haproxy = await startLoaded(join(directory, `loaded-${count}`), certificates, 'runtime');
    try {
      costs.push(await measureRounds(haproxy, { count, rounds }, plan));
    } finally {
      await haproxy.stop();
    }
  }
  return costs;
}

async function measureRounds(
  haproxy: LoadedHaproxy,
  { count, rounds }: { readonly count: number; readonly rounds: number },
  { make, progress }: DeploymentPlan,
): Promise<DeploymentCost> {
  // In the middle, wherever HAProxy begins to look.
  const name = `n${Math.floor(count / 2)}.bench.test`;
  const [runtime, reload, command]: [Way[], Way[], CommandTime[]] = [[], [], []];
  await haproxy.serves(name, await deployedByUs(haproxy, name, make));
  // The first handshakes of this process take it longer.
  await byRuntime(haproxy, name, await make(name));
  for (let round = 1; round <= rounds; round += 1) {
    progress(`deployments, ${count} certificates, round ${round} of ${rounds}`);
    runtime.push(await byRuntime(haproxy, name, await make(name)));
    reload.push(await byReload(haproxy, name, await make(name)));
    const certificate = await make(name);
    await haproxy.store(name, certificate);
    command.push(await haproxy.timed(['deploy', '--cert-name', name]));
    await haproxy.serves(name, certificate);
  }
  return {
    ...{ certificates: count, rounds, runtime: waySpread(runtime), reload: waySpread(reload) },
    ratio: spread(reload.map(({ served }, round) => served / (runtime[round]?.served ?? Number.NaN))),
    command: spread(command.map(({ elapsed }) => elapsed)),
    commandCpu: spread(command.map(({ cpu }) => cpu)),
    commandRatio: spread(reload.map(({ served }, round) => served / (command[round]?.elapsed ?? Number.NaN))),
  };
}

/** The first deployment of a lineage makes its directories; it is not measured. */
async function deployedByUs(haproxy: LoadedHaproxy, name: string, make: CertificateMaker): Promise<BenchCertificate> {
  const certificate = await make(name);
  await haproxy.store(name, certificate);
  await haproxy.command(['deploy', '--cert-name', name]);
  return certificate;
}

/** Management manual, 9.3: `set ssl cert` and `commit ssl cert`. */
async function byRuntime(haproxy: LoadedHaproxy, name: string, certificate: BenchCertificate): Promise<Way> {
  const pid = haproxy.pid();
  const [cpu, start] = [cpuOfProcess(pid), performance.now()];
  await haproxy.say(`set ssl cert ${haproxy.bundle(name)} <<\n${certificate.bundle}`);
  await haproxy.say(`commit ssl cert ${haproxy.bundle(name)}`);
  await haproxy.serves(name, certificate);
  return {
    served: performance.now() - start,
    cpu: (cpuOfProcess(pid) - cpu) / 1e6,
    memory: peakMemory(pid),
  };
}

async function byReload(haproxy: LoadedHaproxy, name: string, certificate: BenchCertificate): Promise<Way> {
  const old = haproxy.pid();
  const memory = peakMemory(old);
  writeFileSync(haproxy.bundle(name), certificate.bundle);
  const start = performance.now();
  const [served, cpu] = await Promise.all([
    haproxy.serves(name, certificate).then(() => performance.now() - start),
    haproxy.takeOver(),
  ]);
  const successor = haproxy.pid();
  // What starts forks, and goes: the CPU that it took is the command's, and what it had in memory is the successor's.
  const way = { served, cpu: cpu + cpuOfProcess(successor) / 1e6, memory: memory + peakMemory(successor) };
  await haproxy.ended(old);
  return way;
}

function waySpread(ways: readonly Way[]): WaySpread {
  return {
    served: spread(ways.map(({ served }) => served)),
    cpu: spread(ways.map(({ cpu }) => cpu)),
    memory: spread(ways.map(({ memory }) => memory)),
  };
}
