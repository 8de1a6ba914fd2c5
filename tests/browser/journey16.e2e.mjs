// Journey 16: the lease runs out: a warning, one key to keep the task, and a late answer.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server, accessible, clean, nextTask, taskText, until } from './server.mjs';

let server;
let ana;
before(async () => {
  server = await Server.start();
  ana = await server.person('Ana');
});
after(() => server?.stop());

test('a warning at 20 %, and Y keeps the task', async () => {
  await server.textJob('lease', 6, { lease_seconds: 60 });
  const page = await server.page();
  await page.clock.install();
  await server.signIn(page, 'Ana', '/label/lease');
  const first = await nextTask(page);
  /** The clock of the page is played with, the network is not. */
  const pass = async (seconds) => {
    for (let i = 0; i < seconds; i += 2) {
      await page.clock.runFor(2000);
      await page.waitForTimeout(40);
    }
  };
  await pass(60);
  await until(async () => await page.locator('.lease-warning').count() === 0, 'somebody was there 60 s ago: extended');
  // 120 s without input, then most of a lease
  for (let i = 0; i < 90 && !await page.locator('.lease-warning').count(); i++) await pass(2);
  assert.match(await page.locator('.lease-warning').innerText(), /goes back to the others in 0:/);
  await accessible(page, 'the lease runs out');
  await page.keyboard.press('y');
  await page.waitForSelector('.lease-warning', { state: 'detached' });
  assert.equal(await taskText(page), first);
  await page.keyboard.press('1');
  await until(async () => (await server.answers('lease')).length === 1, 'the answer');
  clean(page);
});

test('an answer after the lease is over is kept', async () => {
  await server.textJob('late', 6, { lease_seconds: 30 });
  const page = await server.page();
  await server.signIn(page, 'Ana', '/label/late');
  await nextTask(page);
  await page.route('**/extend', (route) => route.abort());
  await page.waitForSelector('.lease-warning', { timeout: 40000 });
  await page.waitForTimeout(8000);   // the lease is over, or the task was leased to the same person anew
  await page.keyboard.press('2');
  await until(async () => (await server.answers('late')).some((a) => a.label === 'Sports'), 'the late answer');
  clean(page);
});

test('leaving gives back what nobody has touched', async () => {
  await server.textJob('leave', 3);
  const page = await server.page();
  await server.signIn(page, 'Ana', '/label/leave');
  await nextTask(page);
  await page.waitForTimeout(300);
  await page.click('a[aria-label="Back to my tasks"]');
  await page.waitForURL('**/tasks');
  await until(async () => {
    const { jobs } = await ana.get('/tasks');
    return jobs.find((j) => j.name === 'leave').held === 0;
  }, 'no task held');
  clean(page);
});
