import { boundedLog } from './http01/bounded-log';
import type { ChallengeSource } from './http01/challenge-source';
import { mapSource } from './http01/map-source';
import { http01Service } from './http01/service';
import { readSettings } from './http01/settings';
import { thumbprintSource } from './http01/thumbprint-source';
import { webrootSource, webrootTrouble } from './http01/webroot-source';

/** A local at the top of the built file, from package.json. */
declare const VERSION: string;

const { map, webroot, thumbprint } = readSettings(os.getenv);
const served = boundedLog(core.Info, os.time);
const failed = boundedLog(core.Warning, os.time);

const sources: ChallengeSource[] = [];
const descriptions: string[] = [];
if (map !== undefined) {
  sources.push(mapSource(map));
  descriptions.push(`map ${map}`);
}
if (webroot !== undefined) {
  sources.push(webrootSource(webroot, failed));
  descriptions.push(`webroot ${webroot}`);
}
if (thumbprint !== undefined) {
  sources.push(thumbprintSource(thumbprint));
  descriptions.push('account thumbprint');
}

core.register_service('acme-http01', 'http', http01Service(sources, served));

// HAProxy loads the file once for each thread under lua-load-per-thread (threads from 1), else once (thread 0).
if (core.thread <= 1) {
  core.register_init(() => core.Info(`acme-http01 ${VERSION} answers from ${table.concat(descriptions, ', ')}`));
  if (webroot !== undefined) {
    core.register_task(() => {
      const trouble = webrootTrouble(webroot);
      if (trouble !== undefined) core.Warning(`acme-http01: ${trouble}`);
    });
  }
}
