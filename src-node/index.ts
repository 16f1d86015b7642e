/**
 * The library behind the command: the same run, with streams and signals of the caller's. One run at a time in a process:
 * the protocol library below has one HTTP client for all.
 */
export { runCli } from './cli/run-cli.js';
export type { CliContext, Output } from './cli/context.js';
export { buildBundle } from './haproxy/bundle.js';
export { DeployError, type DeployErrorCode } from './haproxy/deploy-error.js';
export { dueAt } from './renewal/plan-renewals.js';
export { readCertificate, type CertificateInfo } from './certificate/x509.js';
