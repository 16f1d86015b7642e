import type { BoundedLog } from './bounded-log';
import type { ChallengeSource } from './challenge-source';
import { isKeyAuthorization } from './key-authorization';
import { isUnderChallengePrefix, tokenOfPath } from './token';

/**
 * The HTTP service. GET and HEAD of /.well-known/acme-challenge/TOKEN are answered by the key authorization of the first
 * source that has one; another method under that path gets 405, everything else 404. Nothing of a request is sent back
 * but a token that was found, and a request that is refused is not logged.
 */
export function http01Service(sources: readonly ChallengeSource[], log: BoundedLog): (applet: AppletHTTP) => void {
  return (applet) => {
    const method = applet.method;
    const path = applet.path;
    if (method !== 'GET' && method !== 'HEAD') {
      if (isUnderChallengePrefix(path)) refuseMethod(applet);
      else refuse(applet, 404, 'Not Found\n');
      return;
    }
    const token = tokenOfPath(path);
    if (token !== undefined) {
      for (const source of sources) {
        const value = source.lookup(token);
        if (value !== undefined && isKeyAuthorization(value, token)) {
          send(applet, value);
          log(source.name, token);
          return;
        }
      }
    }
    refuse(applet, 404, 'Not Found\n');
  };
}

function refuseMethod(applet: AppletHTTP): void {
  applet.add_header('allow', 'GET, HEAD');
  refuse(applet, 405, 'Method Not Allowed\n');
}

/** A cache on the way must not keep a refusal: the same path may have an answer a second later. */
function refuse(applet: AppletHTTP, status: number, body: string): void {
  applet.set_status(status);
  applet.add_header('cache-control', 'no-store');
  send(applet, body);
}

function send(applet: AppletHTTP, body: string): void {
  applet.add_header('content-type', 'text/plain');
  applet.add_header('content-length', body.length);
  applet.start_response();
  if (applet.method !== 'HEAD') applet.send(body);
}
