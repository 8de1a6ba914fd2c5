// What the lead's end-to-end tests share: a server with an admin of its own, a browser, requests in
// the person's session, and the checks that hold on every page (no error, no breach of the content
// security policy, no accessibility fault, nothing wider than the screen).
//
// PLUMBLINE_TEST_URL names a server that runs already; without it build/plumbline is started on a
// fresh folder. Without that either, the tests are skipped with a word.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const PROGRAM = fileURLToPath(new URL('../../build/plumbline', import.meta.url));
const NAME = 'Mia', PASSWORD = 'correct horse battery';
const CHROMIUM = ['--no-sandbox', '--disable-gpu', '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

/** Why the tests cannot run here, or false. */
export const skip = process.env.PLUMBLINE_TEST_URL || existsSync(PROGRAM) ? false
  : 'build/plumbline is not there';

async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => { probe.listen(0, '127.0.0.1', resolve); });
  const { port } = probe.address();
  await new Promise((resolve) => { probe.close(resolve); });
  return port;
}

/** @returns {Promise<{url: string, stop: () => Promise<void>}>} */
export async function startServer() {
  if (process.env.PLUMBLINE_TEST_URL) return { url: process.env.PLUMBLINE_TEST_URL,
    stop: async () => {} };
  const data = mkdtempSync(join(tmpdir(), 'plumbline-lead-'));
  const secret = join(data, 'password');
  writeFileSync(secret, PASSWORD, { mode: 0o600 });
  const made = spawnSync(PROGRAM, ['user', 'add', NAME, '--role', 'admin', '--password-file',
    secret, '--data', data]);
  if (made.status !== 0) throw new Error(`user add: ${made.stderr}`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(PROGRAM, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`],
    { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (d) => { log += d; });
  for (let i = 0; ; i++) {
    if (await fetch(`${url}/readyz`).then((r) => r.ok, () => false)) break;
    if (i === 100 || child.exitCode !== null) throw new Error(`the server does not get ready:\n${log}`);
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await new Promise((resolve) => { child.once('exit', resolve); });
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/**
 * A browser with one page, signed in.
 * @param {string} url @param {{theme?: 'light' | 'dark', width?: number}} [look]
 */
export async function openBrowser(url, { theme = 'light', width = 1366 } = {}) {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: CHROMIUM });
  const context = await browser.newContext({ baseURL: url, colorScheme: theme,
    viewport: { width, height: 800 } });
  context.setDefaultTimeout(10000);
  const page = await context.newPage();
  /** @type {string[]} */
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (m) => { if (/Content Security Policy|TrustedHTML|TrustedScript/.test(m.text())) faults.push(m.text()); });
  await page.goto('/jobs');
  await page.waitForSelector('h1, form');
  if (page.url().includes('/login')) {
    await page.getByLabel('Name').fill(NAME);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/jobs');
  }
  return { browser, page, faults };
}

/** A request in the session of the page. @param {import('playwright-core').Page} page */
export async function call(page, method, path, body, type) {
  const { csrf } = await (await page.request.get('/api/v1/session')).json();
  const answer = await page.request.fetch(`/api/v1${path}`, {
    method, data: body, headers: { 'X-CSRF-Token': csrf,
      ...(type ? { 'Content-Type': type } : {}) },
  });
  if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
  return answer.status() === 204 ? null : answer.json();
}

/** A started job with texts. @param {import('playwright-core').Page} page @param {string} name
 *  @param {string[]} texts */
export async function makeJob(page, name, texts, more = {}) {
  const job = await call(page, 'POST', '/jobs',
    { name, title: `Job ${name}`, type: 'text-classification',
      labels: [{ name: 'yes' }, { name: 'no' }], ...more });
  let got = await call(page, 'POST', `/jobs/${job.id}/items`,
    texts.map((source) => JSON.stringify({ source })).join('\n') + '\n', 'application/x-ndjson');
  while (got.state === 'running') {
    await new Promise((resolve) => { setTimeout(resolve, 100); });
    got = await call(page, 'GET', `/jobs/${job.id}/imports/${got.id}`);
  }
  return call(page, 'POST', `/jobs/${job.id}/start`);
}

const AXE = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

/** Accessibility faults of the page as it is, and whether it is wider than the screen. @param
 *  {import('playwright-core').Page} page */
export async function pageFaults(page) {
  await page.evaluate(() => scrollTo(0, 0));
  // The policy of the page refuses injected scripts; the protocol's own world is not bound by it.
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Runtime.evaluate', { expression: AXE });
  const { result } = await cdp.send('Runtime.evaluate', {
    awaitPromise: true, returnByValue: true,
    expression: `axe.run(document).then((r) => r.violations.map((v) => v.id + ': ' + v.nodes[0].html.slice(0, 160)))`,
  });
  await cdp.detach();
  const wide = await page.evaluate(() =>
    document.documentElement.scrollWidth - document.documentElement.clientWidth);
  return [...result.value, ...(wide > 0 ? [`wider than the screen by ${wide} px`] : [])];
}
