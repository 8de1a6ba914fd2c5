// Care for the server by keyboard alone: a backup is made, fetched and removed, checks are run, and a
// failure is told in words.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { call, makeJob, sound, startLead } from './lead.mjs';

let server, page;

before(async () => {
  ({ server, page } = await startLead());
  await makeJob(page, 'kept', ['one', 'two', 'three']);
});
after(() => server?.stop());

/** Tab until the element has the focus, then press a key. */
async function press(target, key = 'Enter') {
  await target.waitFor();
  for (let i = 0; i < 80; i++) {
    if (await target.evaluate((e) => e === document.activeElement)) return page.keyboard.press(key);
    await page.keyboard.press('Tab');
  }
  throw new Error('no way there by keyboard');
}

test('checks: the quick ones come with the page, all of them when asked for', { timeout: 30000 },
  async () => {
  await page.goto('/admin');
  const checks = page.getByRole('region', { name: 'Checks' });
  await checks.getByText('data folder:').waitFor();
  assert.equal(await checks.getByText('counters:').count(), 0);
  assert.match(await checks.innerText(), /worth a look/);
  assert.match(await checks.innerText(), /What to do: .*--backup-to/);
  await press(checks.getByRole('button', { name: 'Check everything' }));
  await checks.getByText(/kinds agree with a full count/).waitFor();
  await sound(page, 'checks');
});

test('health: why the server takes no work, in its own words', { timeout: 30000 }, async () => {
  await page.route('**/readyz', (route) => route.fulfill({ status: 507, contentType: 'application/json',
    body: JSON.stringify({ code: 'storage.full', message: 'The disk is full: 3 MB are left.' }) }));
  await page.goto('/admin');
  const health = page.getByRole('region', { name: 'Health' });
  await health.getByText('it takes no work at the moment. The disk is full: 3 MB are left.').waitFor();
  await page.unroute('**/readyz');
});

test('a backup is made, fetched and removed', { timeout: 30000 }, async () => {
  await page.goto('/admin');
  const backups = page.getByRole('region', { name: 'Backups' });
  await backups.getByText('There is no backup yet.').waitFor();
  await press(backups.getByRole('button', { name: 'Back up now' }));
  await backups.getByText('verified').waitFor();
  const link = backups.getByRole('link', { name: /^Download the backup of/ });
  const [file] = await Promise.all([page.waitForEvent('download'), press(link)]);
  const { backups: [one] } = await call(page, 'GET', '/backups');
  const bytes = readFileSync(await file.path());
  assert.equal(file.suggestedFilename(), one.id);
  assert.equal(bytes.length, one.bytes);
  const kept = readFileSync(join(server.dir, 'backups', one.id));
  assert.equal(createHash('sha256').update(bytes).digest('hex'),
    createHash('sha256').update(kept).digest('hex'));
  await sound(page, 'a backup');
  await page.evaluate(() => /** @type {any} */ (document.activeElement)?.blur());
  await press(backups.getByRole('button', { name: /^Remove the backup of/ }));
  await press(page.getByRole('dialog').getByRole('button', { name: 'Remove' }));
  await backups.getByText('There is no backup yet.').waitFor();
  assert.deepEqual((await call(page, 'GET', '/backups')).backups, []);
});

test('a backup that fails says why', { timeout: 30000 }, async () => {
  const folder = join(server.dir, 'backups');
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'a file in the way');
  await page.goto('/admin');
  const backups = page.getByRole('region', { name: 'Backups' });
  await press(backups.getByRole('button', { name: 'Back up now' }));
  await backups.getByText('failed', { exact: true }).waitFor();
  assert.match(await backups.innerText(), /cannot be written/);
  await sound(page, 'a failed backup');
  rmSync(folder);
});
