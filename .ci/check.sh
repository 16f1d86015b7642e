#!/bin/sh
# Types, lint, format, dependency directions, dead code, and the shape of the package. Stops at the first that fails.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
say() { printf '\n== %s\n' "$1"; }
say 'types'
tsc --noEmit -p tsconfig.json
tsc --noEmit -p tsconfig.lua.json
say 'lint'
eslint --max-warnings 0 .
say 'format'
prettier --check --log-level warn .
say 'pages made from tables'
tsx .ci/docs.ts --check
say 'dependency directions'
depcruise --config .dependency-cruiser.cjs src-node src-lua
say 'dead code'
knip
say 'build'
npm run --silent build
say 'package'
publint --strict
attw --pack . --profile esm-only --exclude-entrypoints acme-http01.lua
say 'all checks passed'
