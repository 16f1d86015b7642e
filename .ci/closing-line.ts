import type { Reporter, TestModule } from 'vitest/node';

/** Ends a test run with `N passed, M failed`; under CI a skipped test counts as a failure. */
export class ClosingLine implements Reporter {
  public onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state === 'passed' || state === 'failed') count[state] += 1;
        else count.skipped += 1;
      }
      // A module that failed to load has run none of its tests.
      if (module.state() === 'failed' && module.errors().length > 0) count.failed += 1;
    }
    count.failed += unhandled.length;
    const strict = process.env['CI'] !== undefined && process.env['CI'] !== '';
    if (strict) {
      count.failed += count.skipped;
      if (count.skipped > 0) console.log(`${count.skipped} tests were skipped, which counts as a failure here`);
    }
    if (count.failed > 0) process.exitCode = 1;
    const skipped = count.skipped > 0 && !strict ? `, ${count.skipped} skipped` : '';
    console.log(`\n${count.passed} passed, ${count.failed} failed${skipped}`);
  }
}
