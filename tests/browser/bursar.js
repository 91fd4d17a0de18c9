// Starts the real binary with its sandbox, and asks both what they know.
//
// Nothing is skipped when the binary is missing: that is a failure that says how to
// build it.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const READY_MS = 60_000;

function binary() {
  const path = process.env.BURSAR_BIN ?? join(ROOT, 'target', 'debug', 'bursar');
  if (!existsSync(path)) throw new Error(`there is no ${path}; run \`cargo build\`, or set BURSAR_BIN`);
  return path;
}

/** Resolves with the ready line; rejects when the process ends or says nothing. */
function readyLine(child) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('bursar did not say that it is ready')), READY_MS);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line);
      if (said.type !== 'ready') return;
      clearTimeout(late);
      resolve(said);
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(late);
      reject(new Error(`bursar ended before it was ready: ${signal ?? code}`));
    });
  });
}

/** `bursar dev` in an empty folder on free ports, and how to talk to it. */
export async function startBursar() {
  const data = await mkdtemp(join(tmpdir(), 'bursar-browser-'));
  const here = '127.0.0.1:0';
  const args = ['dev', '--no-examples', '--json', '--check-objects'];
  const places = ['--listen', here, '--sandbox-listen', here, '--data', data];
  const child = spawn(binary(), [...args, ...places], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)));
  const ready = await readyLine(child);
  const { key } = JSON.parse(await readFile(join(data, 'server.json'), 'utf8'));
  const { secret_key: secret } = await (await fetch(`${ready.sandbox}/_sandbox`)).json();

  /** Asks the API; `company` for another one than the first. */
  async function api(method, path, body, company) {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    if (company) headers['bursar-company'] = company;
    if (path.startsWith('/actions/')) headers['idempotency-key'] = crypto.randomUUID();
    const response = await fetch(`${ready.url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    const answer = await response.json();
    if (!answer.success) throw new Error(`${method} ${path}: ${JSON.stringify(answer.error)}`);
    return answer.data;
  }

  return {
    url: ready.url,
    sandbox: ready.sandbox,
    /** What must be on no page. */
    secrets: [key, secret],
    api,
    /** A link by which somebody authorizes a connection in mode `local`. */
    link: (asked, company) => api('POST', '/connections/stripe/authorize', { mode: 'local', ...asked }, company),
    connection: (id, company) => api('GET', `/connections/${id}`, undefined, company),
    /** The stand-in's own commands. */
    async control(path, body) {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${ready.sandbox}/_sandbox${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      if (!response.ok) throw new Error(`POST ${path}: ${await response.text()}`);
      return response.json();
    },
    /** A request to the stand-in as any SDK would send it. */
    async stripe(method, path, form) {
      const url = `${ready.sandbox}/v1${path}`;
      const body = form && new URLSearchParams(form);
      const response = await fetch(url, { method, headers: { authorization: `Bearer ${secret}` }, body });
      const answer = await response.json();
      if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer.error)}`);
      return answer;
    },
    async stop() {
      child.kill('SIGTERM');
      const how = await ended;
      await rm(data, { recursive: true });
      if (how !== 0) throw new Error(`bursar ended with ${how}; why stands above`);
    },
  };
}
