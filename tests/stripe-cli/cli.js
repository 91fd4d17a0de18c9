// Runs the official CLI as somebody would type it: against the sandbox, with its key, and
// with a home of its own, so that nobody's settings play a part.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const command = join(dirname(fileURLToPath(import.meta.url)), 'node_modules', '.bin', 'stripe');
const RUN_MS = 60_000;

/** Runs `stripe …`. Resolves with how it ended and everything that it said. */
export function stripe(home, ...args) {
  if (!existsSync(command)) throw new Error('the Stripe CLI is not installed; run `npm install` in tests/stripe-cli');
  const env = { PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: home, STRIPE_CLI_TELEMETRY_OPTOUT: '1' };
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: RUN_MS });
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  child.stderr.on('data', (chunk) => (said += chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: signal ?? code, said }));
  });
}

/** What `stripe trigger --help` lists. */
export async function listed(home) {
  const { said } = await stripe(home, 'trigger', '--help');
  const [, list] = /Supported events:\n([\s\S]*?)\n\s*\n/.exec(said) ?? [];
  if (!list) throw new Error(`the CLI lists no events: ${said}`);
  return list.split('\n').map((line) => line.trim());
}
