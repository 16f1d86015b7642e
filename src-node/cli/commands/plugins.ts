import type { Authenticator, Config } from '../../config/config.js';
import type { CliContext } from '../context.js';
import type { ExitCode } from '../exit-code.js';
import { stringify } from '../render/json.js';

interface Plugin {
  readonly name: string;
  readonly description: string;
  /** In certbot's words. */
  readonly interfaces: readonly ('Authenticator' | 'Installer')[];
  /** What it answers. */
  readonly challenges: readonly string[];
}

const authenticators: Readonly<Record<Authenticator, Omit<Plugin, 'name' | 'interfaces'>>> = {
  webroot: {
    description: "Place challenge files in a directory, which HAProxy's Lua service or a web server answers from",
    challenges: ['http-01'],
  },
  standalone: { description: 'Answer by a web server that runs while it is needed', challenges: ['http-01'] },
  'runtime-map': { description: "Answer from a map of HAProxy's, by its stats sockets", challenges: ['http-01'] },
  stateless: {
    description: "HAProxy answers by the account's thumbprint; nothing is published",
    challenges: ['http-01'],
  },
  spoe: { description: 'Answer by an agent that HAProxy asks (haproxy-acme spoa)', challenges: ['http-01'] },
  'tls-alpn-01': {
    description: 'Answer by a TLS certificate, behind an HAProxy that routes by ALPN',
    challenges: ['tls-alpn-01'],
  },
  manual: { description: 'Answer by hooks, or by hand', challenges: ['http-01', 'dns-01'] },
};

const plugins: readonly Plugin[] = [
  ...Object.entries(authenticators).map(([name, plugin]): Plugin => {
    return { name, ...plugin, interfaces: ['Authenticator'] };
  }),
  {
    name: 'haproxy',
    description: 'Give HAProxy the certificate while it runs, or by a soft reload, and see that it is served',
    interfaces: ['Installer'],
    challenges: [],
  },
];

/** `plugins`: what there is to say by --authenticator and --installer. */
export function listPlugins({ plugins: wanted, output, notes }: Config, { stdout }: CliContext): ExitCode {
  const all = wanted.authenticators === wanted.installers;
  const chosen = plugins.filter(({ interfaces }) =>
    interfaces.some((kind) => all || (kind === 'Authenticator' ? wanted.authenticators : wanted.installers)),
  );
  stdout.write(output.json ? stringify({ plugins: chosen, warnings: notes }) : chosen.map(pluginText).join('\n'));
  return 0;
}

function pluginText({ name, description, interfaces, challenges }: Plugin): string {
  const lines = [
    `* ${name}`,
    `Description: ${description}`,
    `Interfaces: ${[...interfaces, 'Plugin'].join(', ')}`,
    ...(challenges.length > 0 ? [`Challenges: ${challenges.join(', ')}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}
