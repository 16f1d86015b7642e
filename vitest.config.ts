import { defineConfig, type TestProjectInlineConfiguration, type ViteUserConfig } from 'vitest/config';
import { ClosingLine } from './.ci/closing-line.js';
import { filesThatRunHaproxy, haproxiesToTest } from './.ci/haproxies.js';

/** Every test on the installed HAProxy, or HAPROXY_BIN, and those that run HAProxy once more on each program of `HAPROXY_BINS=a:b`. */
function projects(bins: string): TestProjectInlineConfiguration[] {
  const include = filesThatRunHaproxy(import.meta.dirname);
  return [
    { extends: true, test: { name: process.env['HAPROXY_BIN'] ?? 'installed', include: ['test/**/*.test.ts'] } },
    ...haproxiesToTest(bins).map(({ name, bin }): TestProjectInlineConfiguration => ({
      extends: true,
      test: { name, include, env: { HAPROXY_BIN: bin } },
    })),
  ];
}

const bins = process.env['HAPROXY_BINS'] ?? '';
const config: ViteUserConfig = defineConfig({
  test: {
    ...(bins === '' ? { include: ['test/**/*.test.ts'] } : { projects: projects(bins) }),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    pool: 'forks',
    reporters: ['default', new ClosingLine()],
  },
});
export default config;
