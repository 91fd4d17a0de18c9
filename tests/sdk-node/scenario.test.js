// One scenario for every release of the official SDK, on a sandbox of its own each.
//
// `checks.txt` names every check in order; the scenario in Python has the same ones.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { all, startSandbox } from './sandbox.js';
import { RELEASES, tell } from './scenario/index.js';

const CHECKS_MIN = 80;
const text = await readFile(new URL('./scenario/checks.txt', import.meta.url), 'utf8');
const named = text.split('\n').filter((line) => line && !line.startsWith('#'));

for (const { release, sdk } of RELEASES) {
  test(`the scenario holds for ${sdk} (${release})`, async (t) => {
    const { default: Stripe } = await import(sdk);
    const sandbox = await startSandbox();
    try {
      const check = await tell({ release, Stripe, sandbox, all });
      t.diagnostic(
        `${check.made.length} checks with stripe ${Stripe.PACKAGE_VERSION} (${release}), ${check.failed.length} failed`,
      );
      const problems = [...check.failed, ...check.against(named)];
      if (problems.length > 0) assert.fail(`\n${problems.join('\n')}`);
      assert.ok(check.made.length >= CHECKS_MIN, `only ${check.made.length} checks`);
    } finally {
      await sandbox.stop();
    }
  });
}
