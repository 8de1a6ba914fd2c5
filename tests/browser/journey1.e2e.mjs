// Journey 1, the annotator's part: a fresh server, the first admin, and the first label by somebody
// invited, in less than a minute.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, PASSWORD, Server, accessible, clean, nextTask, until } from './server.mjs';

let server;
before(async () => { server = await Server.start({ admin: false }); });
after(() => server?.stop());

test('from an empty server to the first label', async () => {
  const began = Date.now();
  const page = await server.page();
  assert.match(server.link, /\/join\//, 'the server prints a one-time link');
  await page.goto(server.site + new URL(server.link).pathname);
  await page.waitForSelector('input[name=username]');
  await accessible(page, 'joining');
  assert.match(await page.locator('main').innerText(), /first admin/);

  await page.fill('input[name=username]', 'Ada');
  await page.fill('input[name=password]', 'short');
  await page.click('button[type=submit]');
  assert.match(await page.locator('.error').innerText(), /at least 8 characters; it has 5/);
  assert.equal(await page.locator('input[name=password]').getAttribute('aria-invalid'), 'true');
  await page.fill('input[name=password]', PASSWORD);
  await page.click('button[type=submit]');
  await page.waitForURL('**/jobs');
  clean(page);

  server.admin = new Client(server.base);
  await server.admin.post('/session', { name: 'Ada', password: PASSWORD });
  await server.textJob('sample', 10);
  const { url } = await server.admin.post('/invitations', { role: 'annotator' });

  const ana = await server.page();
  await ana.goto(server.site + new URL(url).pathname);
  assert.match(await ana.locator('.notice').innerText(), /invited as annotator/);
  await ana.fill('input[name=username]', 'Ana');
  await ana.fill('input[name=password]', PASSWORD);
  await ana.click('button[type=submit]');
  await ana.waitForURL('**/tasks');
  await ana.waitForSelector('.job-card');
  await accessible(ana, 'my tasks');
  await ana.click('.job-card a.btn');
  const first = await nextTask(ana);
  await accessible(ana, 'labelling');
  await ana.keyboard.press('2');
  await nextTask(ana, first);
  const given = await until(async () => (await server.answers('sample'))[0], 'the answer on the server');
  assert.deepEqual({ label: given.label, person: given.person }, { label: 'Sports', person: 'Ana' });
  assert.match(await ana.locator('.status').innerText(), /^Sent/);
  clean(ana);
  assert.ok(Date.now() - began < 60000, `took ${Date.now() - began} ms`);
});

test('a link works once', async () => {
  const page = await server.page();
  await page.goto(server.site + new URL(server.link).pathname);
  await page.waitForSelector('h1:has-text("does not work any more")');
  await accessible(page, 'a used link');
});
