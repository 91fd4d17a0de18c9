// Starts the real binary as `bursar sandbox` and hands out clients of the official SDK.
//
// Nothing is skipped when the binary is missing: that is a failure that says how to
// build it. Every test file has a sandbox of its own.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import Stripe from 'stripe';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const READY_MS = 20_000;

function binary() {
  const built = ['release', 'debug'].map((profile) => join(root, 'target', profile, 'bursar'));
  const candidates = process.env.BURSAR_BIN ? [process.env.BURSAR_BIN] : built;
  const found = candidates.find(existsSync);
  if (!found) {
    throw new Error(`no bursar binary at ${candidates.join(' or ')}; run \`cargo build --release\`, or set BURSAR_BIN`);
  }
  return found;
}

/** Resolves with the ready line; rejects when the process ends or says nothing. */
function readyLine(child) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the sandbox did not say that it is ready')), READY_MS);
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      const said = JSON.parse(line);
      if (said.type === 'ready') {
        clearTimeout(late);
        resolve(said);
      }
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(late);
      reject(new Error(`the sandbox ended before it was ready: ${signal ?? code}`));
    });
  });
}

/** A running sandbox. Stop it in `after`. */
export async function startSandbox(...more) {
  const args = ['sandbox', '--listen', '127.0.0.1:0', '--json', ...more];
  const child = spawn(binary(), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
  const { url, account, secretKey } = await readyLine(child);
  const { hostname, port } = new URL(url);

  /** An SDK client; no retries unless asked for, so that a test sees every answer. */
  const client = (options = {}, key = secretKey, Sdk = Stripe) =>
    new Sdk(key, { host: hostname, port: Number(port), protocol: 'http', maxNetworkRetries: 0, telemetry: false, ...options });

  /** The sandbox's own control surface, which Stripe does not have. */
  const control = async (path, body) => {
    const response = await fetch(`${url}/_sandbox${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`POST /_sandbox${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  };

  return {
    url,
    account,
    secretKey,
    client,
    control,
    /** The next `next` matching writes meet this fault. */
    fail: (fault, next = 1, where = {}) => control('/faults', { fault, next, ...where }),
    async stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** What a call was refused with; fails when it was not. */
export async function refused(call) {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('the call was expected to be refused, and succeeded');
}

/** Everything of an auto-paged list. */
export async function all(list) {
  const found = [];
  for await (const item of list) found.push(item);
  return found;
}
