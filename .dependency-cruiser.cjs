// The rooms of docs/architecture.md and the direction of imports between them. Every rule gives its reason.
const rooms = 'acme|challenge|lineage|certificate|haproxy|ocsp|spoe|fleet';
const node = (path) => `^src-node/${path}`;

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle means that two modules are one, or that a type sits in the wrong room.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'halves-apart',
      comment: 'src-lua runs inside HAProxy, src-node beside it: they meet in a webroot, a map and the environment.',
      severity: 'error',
      from: { path: '^src-lua/' },
      to: { path: '^src-node/' },
    },
    {
      name: 'halves-apart-back',
      comment: 'The same, seen from the Node half.',
      severity: 'error',
      from: { path: '^src-node/' },
      to: { path: '^src-lua/' },
    },
    {
      name: 'known-rooms',
      comment: 'A new room is made in docs/architecture.md and here, never by accident.',
      severity: 'error',
      from: {},
      to: {
        path: '^src-(node|lua)/',
        pathNot: `^src-node/((cli|config|renewal|adoption|platform|${rooms})/|index\\.ts$|bin\\.ts$)|^src-lua/((http01|haproxy|status|metrics)/|main\\.ts$)`,
      },
    },
    {
      name: 'bin-is-the-edge',
      comment: 'bin.ts is the process; nothing is built on it.',
      severity: 'error',
      from: {},
      to: { path: node('bin\\.ts$') },
    },
    {
      name: 'bin-calls-cli',
      comment: 'bin.ts hands argv, environment and streams to the cli and turns its answer into an exit code.',
      severity: 'error',
      from: { path: node('bin\\.ts$') },
      to: { path: node(''), pathNot: node('(cli|platform)/') },
    },
    {
      name: 'cli-on-top',
      comment: 'Imports flow one way: bin -> cli -> renewal -> rooms -> platform.',
      severity: 'error',
      from: { path: node(''), pathNot: node('(cli/|bin\\.ts$|index\\.ts$)') },
      to: { path: node('cli/') },
    },
    {
      name: 'renewal-above-rooms',
      comment: 'The story knows the rooms; a room does not know the story.',
      severity: 'error',
      from: { path: node(`(${rooms}|platform|config)/`) },
      to: { path: node('renewal/') },
    },
    {
      name: 'adoption-above-rooms',
      comment: 'The other story: it knows the rooms, and neither the renewal nor a room knows it.',
      severity: 'error',
      from: { path: node(`(renewal|${rooms}|platform|config)/`) },
      to: { path: node('adoption/') },
    },
    {
      name: 'adoption-beside-renewal',
      comment: 'Two stories share rooms, not steps: what both need belongs into a room.',
      severity: 'error',
      from: { path: node('adoption/') },
      to: { path: node('(renewal|config)/') },
    },
    {
      name: 'rooms-share-types-only',
      comment: "A room imports another room's types only; certificate/ is pure and open to all.",
      severity: 'error',
      from: { path: node(`(${rooms})/`) },
      to: {
        path: node(`(${rooms})/`),
        pathNot: [node('$1/'), node('certificate/')],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'rooms-do-not-read-config',
      comment: 'Rooms take complete arguments; where a value came from is the concern of config/ and cli/compose.',
      severity: 'error',
      from: { path: node(`(${rooms}|platform)/`) },
      to: { path: node('config/') },
    },
    {
      name: 'certificate-is-pure',
      comment: 'certificate/ turns bytes into values and back: no file system, network or process.',
      severity: 'error',
      from: { path: node('certificate/') },
      to: { path: '^(node:)?(fs|net|tls|http|https|child_process)(/|$)' },
    },
    {
      name: 'platform-is-the-floor',
      comment: 'platform/ holds clock, random, logger and run-command; it knows nothing above it.',
      severity: 'error',
      from: { path: node('platform/') },
      to: { path: node(''), pathNot: node('platform/') },
    },
    {
      name: 'one-importer-of-acme-client',
      comment: 'acme-client is a dependency at risk: one file wraps it.',
      severity: 'error',
      from: { path: '^src-node/', pathNot: node('acme/acme-client-adapter\\.ts$') },
      to: { path: 'node_modules/acme-client' },
    },
    {
      name: 'acme-is-lazy',
      comment: 'A run with nothing due must not load the ACME half: it is reached by import() only.',
      severity: 'error',
      from: { path: node(''), pathNot: node('(acme/|index\\.ts$)') },
      to: {
        path: node('acme/(acme-client-adapter|obtain-certificate|account|manage-account)'),
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    },
    {
      name: 'ocsp-is-lazy',
      comment:
        'Most certificates have no OCSP responder: what asks one and reads its answer is reached by import() only.',
      severity: 'error',
      from: { path: node(''), pathNot: node('certificate/ocsp(-signer)?\\.ts$') },
      to: {
        path: [
          node('certificate/ocsp(-signer)?\\.ts$'),
          node('ocsp/ask-responder\\.ts$'),
          'node_modules/@peculiar/asn1-ocsp',
        ],
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    },
    {
      name: 'self-signing-is-lazy',
      comment: 'What makes certificates is dear to load and wanted seldom: by import() only.',
      severity: 'error',
      from: { path: node(''), pathNot: node('certificate/acme-identifier-certificate\\.ts$') },
      to: {
        path: node('certificate/(?:self-signed|acme-identifier-certificate)\\.ts$'),
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    },
    {
      name: 'self-check-is-lazy',
      comment: 'Who orders nothing looks at no challenge: what does so is reached by import() only.',
      severity: 'error',
      from: { path: node(''), pathNot: node('challenge/self-check/') },
      to: {
        path: node('challenge/self-check/'),
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    },
    {
      name: 'lua-registers-in-main',
      comment: 'http01/ is pure or takes what it needs: only main.ts calls core.register_*.',
      severity: 'error',
      from: { path: '^src-lua/(http01|status|metrics)/' },
      to: { path: '^src-lua/main\\.ts$' },
    },
    {
      name: 'no-test-code',
      comment: 'What is shipped does not lean on what tests it.',
      severity: 'error',
      from: { path: '^src-' },
      to: { path: '^(test|\\.ci)/' },
    },
    {
      name: 'nothing-unresolved',
      comment: 'An import that resolves to nothing is a build that fails later.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
