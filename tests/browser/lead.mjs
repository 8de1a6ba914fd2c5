// What the lead's journeys share beyond server.mjs: a page signed in as the admin, requests in that
// person's session, jobs with texts, and the check that holds on every page.

import assert from 'node:assert/strict';
import { Server, accessible } from './server.mjs';

/** A server and a page on which its admin is signed in. */
export async function startLead() {
  const server = await Server.start();
  const page = await server.page({ baseURL: server.base });
  const [name, ...value] = server.admin.cookie.split('=');
  await page.context().addCookies([{ name, value: value.join('='), url: server.base }]);
  return { server, page };
}

/** A request in the session of the page. */
export async function call(page, method, path, data, type) {
  const { csrf } = await (await page.request.get('/api/v1/session')).json();
  const answer = await page.request.fetch(`/api/v1${path}`, {
    method, data, headers: { 'X-CSRF-Token': csrf, ...(type ? { 'Content-Type': type } : {}) },
  });
  const text = await answer.text();
  assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** A started job with texts. */
export async function makeJob(page, name, texts) {
  const labels = [{ name: 'yes' }, { name: 'no' }];
  const job = await call(page, 'POST', '/jobs',
    { name, title: `Job ${name}`, type: 'text-classification', labels });
  const lines = texts.map((source) => `${JSON.stringify({ source })}\n`).join('');
  let got = await call(page, 'POST', `/jobs/${job.id}/items`, lines, 'application/x-ndjson');
  while (got.state === 'running') {
    await page.waitForTimeout(100);
    got = await call(page, 'GET', `/jobs/${job.id}/imports/${got.id}`);
  }
  assert.equal(got.added, texts.length);
  return call(page, 'POST', `/jobs/${job.id}/start`);
}

/** No accessibility fault, and nothing wider than the screen. */
export async function sound(page, state) {
  await page.evaluate(() => scrollTo(0, 0));
  await accessible(page, state);
  const root = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
  assert.ok(await page.evaluate(root) <= 0, `${state}: wider than the screen`);
}
