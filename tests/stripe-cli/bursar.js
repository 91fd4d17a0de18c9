// Starts the real binary and waits until it says that it is ready.
//
// Nothing is skipped when the binary is missing: that is a failure that says how to
// build it.

import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const READY_MS = 20_000;

/** The binary that was built last. */
function binary() {
  const built = ['release', 'debug'].map((profile) => join(root, 'target', profile, 'bursar'));
  const candidates = process.env.BURSAR_BIN ? [process.env.BURSAR_BIN] : built;
  const [found] = candidates.filter(existsSync).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (!found) {
    throw new Error(`no bursar binary at ${candidates.join(' or ')}; run \`cargo build --release\`, or set BURSAR_BIN`);
  }
  return found;
}

/** Resolves with the ready line; rejects when the process ends or says nothing. */
function readyLine(child) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('bursar did not say that it is ready')), READY_MS);
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
      reject(new Error(`bursar ended before it was ready: ${signal ?? code}`));
    });
  });
}

/** `bursar COMMAND … --json` on a free port, its ready line, and how to stop it. */
export async function startBursar(...command) {
  const args = [...command, '--listen', '127.0.0.1:0', '--json'];
  const child = spawn(binary(), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
  const ready = await readyLine(child);
  return {
    ready,
    async stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
