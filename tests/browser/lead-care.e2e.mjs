// Running a job and caring for people: dashboard, settings with a conflict, export, deleting by
// name,
// teams, invitations, keys; every page looked at for faults in both themes and on a narrow screen.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { call, makeJob, sound, startLead } from './lead.mjs';
import { clean } from './server.mjs';

let server, page, job;
const stamp = Date.now().toString(36);

before(async () => {
  ({ server, page } = await startLead());
  job = await makeJob(page, `care-${stamp}`, ['one', 'two', 'three']);
});
after(() => server?.stop());

test('the dashboard: pause and resume, a table behind a tile, its CSV', { timeout: 30000 },
  async () => {
  await page.goto(`/jobs/${job.id}`);
  await page.getByRole('heading', { name: 'Progress' }).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.locator('.job-about').getByText('Paused').waitFor();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.locator('.job-about').getByText('In progress').waitFor();
  await page.getByRole('button', { name: 'Progress as a table' }).click();
  const cells = await page.getByRole('region',
    { name: 'Progress as a table' }).locator('tbody tr').allInnerTexts();
  assert.deepEqual(cells.map((c) => c.split('\t')),
    [['By people', '0'], ['By machine', '0'], ['Failed', '0'], ['Left', '3']]);
  const [file] = await Promise.all([page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download Progress as CSV' }).click()]);
  assert.equal(readFileSync(await file.path(), 'utf8'),
    '\ufeffState,Items\r\nBy people,0\r\nBy machine,0\r\nFailed,0\r\nLeft,3\r\n');
});

test('settings: what somebody else changed is not overwritten unasked; a label is hidden, not lost',
  { timeout: 30000 }, async () => {
  await page.goto(`/jobs/${job.id}/settings`);
  const name = page.locator('#name');
  await name.getByLabel('Name of the job').fill('Mine');
  await call(page, 'PATCH', `/jobs/${job.id}`, { title: 'Theirs' });
  await name.getByRole('button', { name: 'Save' }).click();
  await name.getByText('Somebody else has changed this').waitFor();
  assert.equal((await call(page, 'GET', `/jobs/${job.id}`)).title, 'Theirs');
  await name.getByRole('button', { name: 'Send mine over it' }).click();
  await page.getByRole('heading', { level: 1, name: 'Mine' }).waitFor();
  const labels = page.locator('#labels');
  await labels.getByLabel('Add labels').fill('maybe');
  await labels.getByRole('button', { name: 'Add these' }).click();
  await labels.getByRole('button', { name: 'Hide no' }).click();
  await labels.getByRole('button', { name: 'Save' }).click();
  await labels.getByText('Saved').waitFor();
  const after_ = await call(page, 'GET', `/jobs/${job.id}`);
  assert.deepEqual(after_.labels.filter((l) => !l.hidden).map((l) => l.name), ['yes', 'maybe']);
  assert.ok(after_.labels.some((l) => l.name === 'no' && l.hidden));
});

test('an export runs and can be downloaded', { timeout: 30000 }, async () => {
  await page.goto(`/jobs/${job.id}/export`);
  await page.getByLabel(/^All/).check();
  await page.getByRole('button', { name: 'Export 3 items' }).click();
  await page.locator('.past-export').first().getByText('Ready').waitFor({ timeout: 15000 });
  const link = await page.getByRole('link', { name: 'Download' }).first().getAttribute('href');
  assert.equal((await page.request.get(/** @type {string} */ (link))).status(), 200);
});

test('a team, an invitation whose link can be selected, a key whose secret is shown once',
  { timeout: 30000 }, async () => {
  await page.goto('/teams');
  await page.getByRole('button', { name: 'New team' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill(`Team ${stamp}`);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: `Team ${stamp}` }).waitFor();
  await page.goto('/people');
  await page.getByRole('button', { name: 'Invite' }).first().click();
  await page.getByRole('radio', { name: /^reviewer/ }).check();
  await page.getByRole('button', { name: 'Make the link' }).click();
  const link = page.getByLabel('Link', { exact: true });
  await link.waitFor();
  assert.match(await link.inputValue(), /\/join\/\S{8,}/);
  await link.focus();
  assert.equal(await link.evaluate((e) => e.selectionEnd - e.selectionStart === e.value.length),
    true);
  await page.getByRole('button', { name: 'Done' }).click();
  await page.goto('/keys');
  await page.getByRole('button', { name: 'New key' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill(`key ${stamp}`);
  await page.keyboard.press('Enter');
  const token = await page.getByLabel('Token for REST').inputValue();
  assert.ok(token.length >= 16);
  await page.keyboard.press('Escape');   // by mistake: the secret must not be lost so
  assert.equal(await page.getByLabel('Token for REST').inputValue(), token);
  await page.getByRole('button', { name: 'I have copied them' }).click();
  assert.ok(!(await page.content()).includes(token));
});

test('every page: no accessibility fault, not wider than the screen, light and dark, wide and narrow', { timeout: 120000 }, async () => {
  const paths = ['/jobs', '/jobs/new/data', '/jobs/new/task', '/jobs/new/labels', '/jobs/new/guide',
    '/jobs/new/people', '/jobs/new/quality', '/jobs/new/check',
    `/jobs/${job.id}`, `/jobs/${job.id}/items`, `/jobs/${job.id}/export`,
      `/jobs/${job.id}/settings`, '/people', '/teams', '/keys', '/admin', '/jobs/none'];
  for (const [scheme, width] of [['light', 1366], ['dark', 1366], ['light', 320]]) {
    await page.emulateMedia({ colorScheme: /** @type {any} */ (scheme) });
    await page.setViewportSize({ width: Number(width), height: 800 });
    for (const path of paths) {
      await page.goto(path);
      await page.locator('h1').waitFor();
      await page.waitForFunction(() => !document.querySelector('.skeleton'));
      await page.waitForTimeout(100);
      await sound(page, `${path} ${scheme} ${width}`);
    }
  }
  await page.setViewportSize({ width: 1366, height: 800 });
});

test('a job is deleted by typing its name, not otherwise', { timeout: 30000 }, async () => {
  await page.goto(`/jobs/${job.id}`);
  await page.getByRole('button', { name: 'More commands' }).click();
  await page.getByRole('menuitem', { name: 'Delete…' }).click();
  const really = page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true });
  await page.keyboard.type('something else');
  assert.ok(await really.isDisabled());
  await page.getByRole('dialog').getByRole('textbox').fill(job.name);
  await really.click();
  await page.waitForURL('**/jobs');
  assert.equal((await page.request.get(`/api/v1/jobs/${job.id}`)).status(), 404);
});

test('no error and no breach of the policy on the way', () => clean(page));
