import type { Lineage } from '../lineage/lineage.js';
import { CodedError, type ErrorInfo } from '../platform/coded-error.js';
import { readLiveCertificate } from './candidates.js';
import type { Dependencies } from './dependencies.js';
import { deployLineages, type LineageDeployment } from './deploy-lineages.js';
import type { Issued, Outcome, RunReport } from './outcome.js';
import { errorInfo } from './renewal-error.js';
import { renewLineage, tryRenewal, type RenewalRequest } from './renew-lineage.js';

/** What a run is to do, as planned. */
export interface RenewalWork {
  readonly renew: readonly RenewalRequest[];
  /** Lineages whose stored version HAProxy has not got yet. */
  readonly deploy: readonly Lineage[];
}

/**
 * A run: each lineage is renewed for itself, a failure of one not touching the next; then the post hooks run, which may
 * start what pre hooks have stopped; then all that is stored goes to HAProxy together, with one reload. An interruption
 * ends the orders and leaves the deployment to the next run.
 */
export async function renewLineages(work: RenewalWork, dependencies: Dependencies): Promise<RunReport> {
  const { hooks } = dependencies;
  const stored: Stored[] = work.deploy.map((lineage) => ({ lineage, issued: undefined }));
  const tested: Tested[] = [];
  const failed: Failed[] = [];
  const down = new Map<string, unknown>();
  for (const request of work.renew) {
    const { server } = request.settings;
    try {
      dependencies.signal.throwIfAborted();
      if (down.has(server)) throw down.get(server);
      if (request.dryRun) {
        tested.push({ request, names: await tryRenewal(request, dependencies) });
        continue;
      }
      const lineage = await renewLineage(request, dependencies);
      stored.push({ lineage, issued: await describe(lineage) });
    } catch (error) {
      const reason: unknown = dependencies.signal.aborted ? dependencies.signal.reason : error;
      if (isOutOfReach(error)) down.set(server, error);
      failed.push({ request, error: errorInfo(reason) });
    }
  }
  await hooks.finish({
    renewed: [...stored.flatMap(({ issued }) => issued?.names ?? []), ...tested.flatMap(({ names }) => names)],
    failed: failed.flatMap(({ request }) => request.names),
  });
  const { byName, ...told } = await deployLineages(
    stored.map((entry) => entry.lineage),
    dependencies,
  );
  const outcomes = [
    ...stored.map((entry) => outcomeOf(entry, byName.get(entry.lineage.certName))),
    ...tested.map(testedOutcome),
    ...failed.map(({ request, error }): Outcome => ({ kind: 'failed', certName: request.certName, error })),
  ];
  return { ...told, outcomes, warnings: hooks.warnings };
}

/** What one lineage met of a CA the next would meet too: it is not asked again in this run. */
function isOutOfReach(error: unknown): boolean {
  return (
    error instanceof CodedError &&
    [
      ...['acme-unreachable', 'acme-silent', 'acme-untrusted', 'acme-not-a-directory'],
      ...['acme-proxy', 'acme-proxy-unreachable'],
    ].includes(error.code)
  );
}

interface Tested {
  readonly request: RenewalRequest;
  readonly names: readonly string[];
}

interface Failed {
  readonly request: RenewalRequest;
  readonly error: ErrorInfo;
}

interface Stored {
  readonly lineage: Lineage;
  /** Undefined where it was stored before this run. */
  readonly issued: Issued | undefined;
}

function outcomeOf({ lineage, issued }: Stored, result: LineageDeployment | undefined): Outcome {
  const { certName } = lineage;
  if (result === undefined)
    return failedDeployment({ lineage, issued }, errorInfo(new Error('no deployment was tried')));
  if ('error' in result) {
    const { kind, error } = result;
    return kind === 'failed'
      ? failedDeployment({ lineage, issued }, error)
      : { kind, certName, lineage, issued, error };
  }
  const { deployment } = result;
  return issued === undefined
    ? { kind: 'deployed', certName, lineage, deployment }
    : { kind: 'issued', certName, lineage, issued, deployment };
}

function testedOutcome({ request, names }: Tested): Outcome {
  return { kind: 'tested', certName: request.certName, names, server: request.settings.server };
}

function failedDeployment({ lineage, issued }: Stored, error: ErrorInfo): Outcome {
  return { kind: 'stored-not-deployed', certName: lineage.certName, lineage, issued, error };
}

async function describe(lineage: Lineage): Promise<Issued> {
  const { names, notAfter, fingerprint } = await readLiveCertificate(lineage);
  return { names, notAfter, fingerprint };
}
