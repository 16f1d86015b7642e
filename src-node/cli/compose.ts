import { join } from 'node:path';
import type { CertificateAuthority } from '../acme/certificate-authority.js';
import { isTrial, letsEncrypt, type Config } from '../config/config.js';
import type { ManualSurroundings } from '../challenge/manual.js';
import { haproxyDeployer } from '../haproxy/haproxy-deployer.js';
import type { Deployer } from '../haproxy/deployer.js';
import { saveAccount } from '../lineage/account-directory.js';
import { letsencryptStore } from '../lineage/letsencrypt-directory.js';
import type { LineageStore } from '../lineage/lineage-store.js';
import type { HaproxySettings } from '../lineage/haproxy-settings.js';
import type { RenewalSettings } from '../lineage/lineage.js';
import { systemClock } from '../platform/clock.js';
import { runShell } from '../platform/run-shell.js';
import type { AccountDependencies } from '../renewal/account-dependencies.js';
import type { Dependencies } from '../renewal/dependencies.js';
import { ownerOf } from '../renewal/candidates.js';
import { createHooks, type Hooks } from '../renewal/hooks.js';
import { pidfileOf } from '../renewal/merge-settings.js';
import { RenewalError } from '../renewal/renewal-error.js';
import type { RevocationCheck } from '../renewal/revocation.js';
import { composeAccounts, composeConfirm, storedAccount } from './compose-accounts.js';
import { transportSettings, userAgentOf, type NetworkSurroundings } from './compose-network.js';
import { composeSelfCheck } from './compose-self-check.js';
import { programVersion, type CliContext } from './context.js';

/** Who is told what happens. */
export interface Told extends Pick<Dependencies, 'logger' | 'onProgress'> {
  /** A warning of this run. */
  readonly warn: (sentence: string) => void;
  /** Clears the terminal of what is rewritten in place. */
  readonly beforeQuestion: () => void;
}

export interface Composition {
  readonly dependencies: Dependencies;
  /** For the commands about an account, at the CA that is named or Let's Encrypt. */
  readonly accounts: AccountDependencies;
  /** Gives connections free. */
  readonly close: () => void;
}

/** Chooses the implementation of each room for a configuration. */
export function compose(config: Config, context: CliContext, told: Told): Composition {
  const { logger, onProgress } = told;
  const authorities = new Map<string, Promise<CertificateAuthority>>();
  const signal = renewalSignal(context.signal);
  const store = letsencryptStore(config.directories.config, programVersion);
  const asking = { store, clock: systemClock, confirm: composeConfirm(config, context, { ...told, signal }) };
  const accountsAt = (server: string): AccountDependencies =>
    composeAccounts(server, config, asking, { logger, signal });
  return {
    dependencies: {
      ...asking,
      authority: async (settings) => {
        const key = `${settings.server} ${settings.account ?? ''}`;
        const authority =
          authorities.get(key) ?? openAuthority(config, settings, { logger, signal, ...accountsAt(settings.server) });
        authorities.set(key, authority);
        return await authority;
      },
      publisher: publishersOnDemand(composeManual(config, { context, ...told, signal })),
      selfCheck: composeSelfCheck(config, { ...told, signal }),
      deployer: (settings) => composeDeployer(settings, store, context),
      hooks: composeHooks(config, { context, ...told, signal }),
      checkRevocation: composeRevocationCheck(config, { logger, signal }),
      logger,
      install: config.install,
      signal,
      onProgress,
    },
    accounts: accountsAt(config.server ?? letsEncrypt),
    close: () => {
      for (const authority of authorities.values()) void authority.then((open) => open.close()).catch(() => undefined);
    },
  };
}

/** A run with nothing due answers no challenge: what does so is loaded by the first order. */
function publishersOnDemand(manual: ManualSurroundings): Dependencies['publisher'] {
  let loaded: Promise<Dependencies['publisher']> | undefined;
  return async (settings) => {
    loaded ??= import('./compose-publisher.js').then(({ composePublishers }) => composePublishers(manual));
    return await (
      await loaded
    )(settings);
  };
}

const signalNames: Readonly<Record<number, string>> = { 2: 'SIGINT', 15: 'SIGTERM' };

/** The user's signal as the error that the run ends with. */
function renewalSignal(source: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    const name = signalNames[Number(source.reason)] ?? 'a signal';
    controller.abort(new RenewalError('interrupted', `The run was ended by ${name}; its challenges are withdrawn.`));
  };
  if (source.aborted) abort();
  else source.addEventListener('abort', abort, { once: true });
  return controller.signal;
}

interface HookSurroundings extends Told {
  readonly context: CliContext;
  readonly signal: AbortSignal;
}

/** The user is asked only where that can be seen and answered. */
function composeManual(
  { output }: Config,
  { context, logger, signal, onProgress, beforeQuestion, warn }: HookSurroundings,
): ManualSurroundings {
  const dialog = output.interactive && !output.json && !output.quiet ? context.dialog : undefined;
  const write = (text: string): void => {
    beforeQuestion();
    dialog?.output.write(text);
  };
  return {
    runHook: async (command, added, stop) =>
      await runShell(command, { env: { ...context.env, ...added }, signal: stop }),
    terminal: dialog === undefined ? undefined : { input: dialog.input, output: { write } },
    signal,
    warn: (sentence) => {
      logger.debug(sentence);
      warn(sentence);
    },
    onOutput: ({ hook, ...said }) => {
      for (const [stream, text] of Object.entries(said)) {
        if (text.trim() !== '') logger.info(`${stream} of the ${hook}:\n${text.trimEnd()}`);
      }
      onProgress({ kind: 'hook', hook, ...said });
    },
  };
}

function composeHooks(config: Config, { context, signal, logger, onProgress }: HookSurroundings): Hooks {
  const { hooks, directories } = config;
  const at = (kind: string): string => join(directories.config, 'renewal-hooks', kind);
  return createHooks({
    run: async (command, added, stop) => await runShell(command, { env: { ...context.env, ...added }, signal: stop }),
    directory: hooks.directory ? { pre: at('pre'), deploy: at('deploy'), post: at('post') } : undefined,
    skipDeploy: isTrial(config) && !hooks.runDeploy,
    signal,
    logger,
    onOutput: (output) => onProgress({ kind: 'hook', ...output }),
  });
}

async function openAuthority(
  config: Config,
  settings: RenewalSettings,
  surroundings: NetworkSurroundings & AccountDependencies,
): Promise<CertificateAuthority> {
  const { server, accounts, clock } = surroundings;
  const { id, emails = [], eab } = config.account;
  const stored = await storedAccount(settings.account, id, surroundings);
  const { acmeAuthority } = await import('../acme/acme-authority.js');
  const source = {
    ...{ server, stored, emails, eab },
    // A trial commits to nothing.
    agreeTos: config.account.agreeTos || isTrial(config),
    save: async (account: { url: string; privateKey: string }) =>
      await saveAccount(accounts, server, { ...account, created: clock.now() }),
  };
  const { issuanceTimeout } = config.network;
  const network = await transportSettings(config, surroundings);
  return acmeAuthority(source, { ...network, issuanceTimeout: issuanceTimeout * 1000 });
}

export function composeDeployer(settings: HaproxySettings, store: LineageStore, context: CliContext): Deployer {
  return haproxyDeployer({
    ...settings,
    mode: settings.deploy ?? 'auto',
    pidfile: pidfileOf(settings),
    searchPath: context.env['PATH'] ?? '',
    ownerOf: async (fingerprint) => await ownerOf(fingerprint, store),
    kill: context.kill,
    runShell: async (command) => await runShell(command, { env: context.env }),
    clock: systemClock,
  });
}

/** Loads what speaks OCSP once somebody is to be asked. */
export function composeRevocationCheck({ network }: Config, { logger, signal }: NetworkSurroundings): RevocationCheck {
  return async (certificates) => {
    const { checkAll } = await import('../ocsp/ocsp-checker.js');
    const states = await checkAll(certificates, { clock: systemClock, signal, userAgent: userAgentOf(network) });
    for (const state of states) if (state.kind === 'not-checked') logger.debug(state.detail);
    return states;
  };
}
