#!/bin/sh
# Types, lint, format, dependency directions, dead code, and the shape of the package. Stops at the first that fails.
set -eu
cd "$(dirname "$0")/.."
say() { printf '\n== %s\n' "$1"; }
say 'types'
npx tsc --noEmit -p tsconfig.json
npx tsc --noEmit -p tsconfig.lua.json
say 'lint'
npx eslint --max-warnings 0 .
say 'format'
npx prettier --check --log-level warn .
say 'dependency directions'
npx depcruise --config .dependency-cruiser.cjs src-node src-lua
say 'dead code'
npx knip
say 'build'
npm run --silent build
say 'package'
npx publint --strict
npx attw --pack . --profile esm-only --exclude-entrypoints acme-http01.lua
say 'all checks passed'
