import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { ClosingLine } from './.ci/closing-line.js';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    pool: 'forks',
    reporters: ['default', new ClosingLine()],
  },
});
export default config;
