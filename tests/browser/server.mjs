// What the journeys share: a server with an empty data folder, people and jobs made by REST, and a
// browser. PLUMBLINE names another program with the same command line (default build/plumbline);
// PLUMBLINE_URL and PLUMBLINE_JOIN a server that runs already and its first link.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
export const PASSWORD = 'correct horse battery';

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
    probe.on('error', reject);
  });
}

/** A person who speaks REST. */
export class Client {
  constructor(base) {
    this.base = base;
    this.cookie = '';
    this.csrf = '';
  }

  async call(method, path, body) {
    const headers = { Accept: 'application/json' };
    if (this.cookie) headers.Cookie = this.cookie;
    if (this.csrf) headers['X-CSRF-Token'] = this.csrf;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const response = await fetch(`${this.base}/api/v1${path}`,
      { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const cookie = response.headers.get('set-cookie');
    if (cookie) this.cookie = cookie.split(';')[0];
    const text = await response.text();
    const reply = text ? JSON.parse(text) : undefined;
    if (!response.ok) throw Object.assign(new Error(`${method} ${path}: ${response.status} ${text}`), { status: response.status });
    if (reply?.csrf) this.csrf = reply.csrf;
    return reply;
  }

  get(path) { return this.call('GET', path); }

  post(path, body = {}) { return this.call('POST', path, body); }
}

async function ready(base, died) {
  for (let i = 0; i < 200; i++) {
    if (died()) throw new Error(`the server ended: ${died()}`);
    const ok = await fetch(`${base}/readyz`).then((r) => r.ok, () => false);
    if (ok) return;
    await new Promise((r) => { setTimeout(r, 50); });
  }
  throw new Error('the server is not ready after 10 s');
}

export class Server {
  /** Starts a server and makes its first admin, unless the journey wants to do that itself.
   *  @param {{admin?: boolean}} [how] */
  static async start({ admin = true } = {}) {
    const server = new Server();
    if (process.env.PLUMBLINE_URL) {
      server.base = process.env.PLUMBLINE_URL;
      server.link = process.env.PLUMBLINE_JOIN ?? '';
    } else {
      server.dir = mkdtempSync(join(tmpdir(), 'plumbline-e2e-'));
      server.port = await freePort();
      server.base = `http://127.0.0.1:${server.port}`;
      await server.run();
    }
    // Plain http on a LAN: PLUMBLINE_HOST=plumbline.test is no secure context, as 127.0.0.1 would be.
    server.site = process.env.PLUMBLINE_HOST
      ? server.base.replace(/\/\/[^:/]+/, `//${process.env.PLUMBLINE_HOST}`) : server.base;
    server.browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--headless', '--disable-gpu', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP plumbline.test 127.0.0.1'] });
    if (admin) {
      server.admin = new Client(server.base);
      await server.admin.post(`/invitations/${server.link.split('/join/')[1]}`, { name: 'Ada', password: PASSWORD });
    }
    return server;
  }

  async run() {
    const [program, ...first] = (process.env.PLUMBLINE ?? join(ROOT, 'build/plumbline')).split(' ');
    this.child = spawn(program, [...first, 'serve', '--data', this.dir, '--listen', `127.0.0.1:${this.port}`],
      { stdio: ['ignore', 'pipe', 'pipe'], cwd: this.dir,
        env: { ...process.env, AWS_EC2_METADATA_DISABLED: 'true' } });
    this.output = '';
    let ended = '';
    this.child.on('exit', (code, signal) => { ended = `code ${code} signal ${signal}\n${this.output}`; });
    this.child.on('error', (error) => { ended = String(error); });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (data) => { this.output += data; });
    }
    await ready(this.base, () => ended);
    for (let i = 0; i < 40 && !this.link; i++) {
      this.link = /https?:\/\/\S*\/join\/[\w-]+/.exec(this.output)?.[0] ?? '';
      if (!this.link) await new Promise((r) => { setTimeout(r, 25); });
    }
  }

  /** Ends the server as a power cut would, and starts it again on the same folder and port. */
  async crash() {
    const gone = new Promise((r) => { this.child.once('exit', r); });
    this.child.kill('SIGKILL');
    await gone;
  }

  async stop() {
    await this.browser?.close();
    if (this.child) {
      const gone = new Promise((r) => { this.child.once('exit', r); });
      if (this.child.exitCode === null) {
        this.child.kill('SIGTERM');
        await gone;
      }
      rmSync(this.dir, { recursive: true, force: true });
    }
  }

  /** Invites somebody and lets them join. @returns {Promise<Client>} */
  async person(name, role = 'annotator') {
    const { url } = await this.admin.post('/invitations', { role });
    const client = new Client(this.base);
    await client.post(`/invitations/${url.split('/join/')[1]}`, { name, password: PASSWORD });
    return client;
  }

  /** A text job that is running, with n items. @returns {Promise<any>} */
  async textJob(name, n, more = {}) {
    const labels = more.labels ?? ['World', 'Sports', 'Business', 'Science'].map((l) => ({ name: l }));
    const job = await this.admin.post('/jobs', { name, type: 'text-classification', ...more, labels });
    const items = Array.from({ length: n }, (_, i) => ({ source: `${name}: text number ${i + 1}` }));
    const done = await this.admin.post(`/jobs/${name}/items`, { items });
    for (let i = 0; i < 100; i++) {
      const one = await this.admin.get(`/jobs/${name}/imports/${done.id}`);
      if (one.state === 'done') break;
      await new Promise((r) => { setTimeout(r, 50); });
    }
    return this.admin.post(`/jobs/${name}/start`).then(() => job);
  }

  /** Every answer of a job that counts: [{item, label, person}]. */
  async answers(job) {
    const { items } = await this.admin.get(`/jobs/${job}/items?limit=200`);
    const all = [];
    for (const { id } of items) {
      const one = await this.admin.get(`/jobs/${job}/items/${id}`);
      for (const a of one.answers_given) {
        if (!a.superseded) all.push({ item: id, label: a.answer.label, person: a.person.name });
      }
    }
    return all;
  }

  /** A browser of its own, with a page; `problems` collects what went wrong in it. */
  async page(how = {}) {
    const context = await this.browser.newContext({ viewport: { width: 1366, height: 768 }, ...how });
    return this.tab(context);
  }

  async tab(context) {
    const page = await context.newPage();
    page.problems = [];
    page.on('pageerror', (error) => page.problems.push(String(error.stack ?? error)));
    page.on('console', (message) => {
      if (/Content Security Policy|Trusted/i.test(message.text())) page.problems.push(message.text());
    });
    page.setDefaultTimeout(8000);
    return page;
  }

  /** @param {any} page @param {string} name @param {string} [at] where to go after signing in */
  async signIn(page, name, at = '') {
    await page.goto(`${this.site}/login`);
    await page.fill('input[name=username]', name);
    await page.fill('input[name=password]', PASSWORD);
    await page.click('button[type=submit]');
    await page.waitForURL((url) => url.pathname !== '/login');
    if (at) await page.goto(this.site + at);
  }
}

/** Nothing went wrong in the page: no exception, no breach of the content security policy. */
export function clean(page) {
  assert.deepEqual(page.problems, []);
}

/** axe finds nothing. @param {any} page @param {string} state named in the failure */
export async function accessible(page, state) {
  await page.waitForSelector('h1');
  await page.waitForTimeout(250);   // what fades in has no contrast yet
  await page.evaluate(AXE);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const words = found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`);
  assert.deepEqual(words, [], state);
}

/** Waits until something is so. @param {() => Promise<any>} look @param {string} what */
export async function until(look, what, ms = 8000) {
  const end = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) assert.fail(`not within ${ms} ms: ${what}`);
    await new Promise((r) => { setTimeout(r, 50); });
  }
}

/** The text of the task in front. */
export const taskText = (page) => page.locator('.text-task').innerText();

/** Waits for a task other than one seen before. */
export async function nextTask(page, before = '') {
  return until(async () => {
    const text = await taskText(page).catch(() => '');
    return text && text !== before ? text : '';
  }, 'the next task');
}
