// A lead makes a job: from files with bad lines, by way of a reload and a failing network, to a job
// that runs. Then the same for pictures.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call, sound, startLead } from './lead.mjs';
import { clean } from './server.mjs';

let server, page;
const stamp = Date.now().toString(36);

before(async () => {
  ({ server, page } = await startLead());
});
after(() => server?.stop());

const next = async (step) => {
  await page.locator('.wizard-foot a.main').click();
  await page.waitForURL(`**/jobs/new/${step}`);
};
const file = (name, text) =>
  ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(text) });
const lines = ['{"source":"Oil prices fell"}', 'not json', '{"source":"وافق البرلمان 👍🏿"}',
  '{"x":1}',
  ...Array.from({ length: 40 },
    (_, i) => JSON.stringify({ source: `Text number ${i}` }))].join('\n');

test('texts: bad lines are told, the draft survives a reload, a lost connection is survived',
  { timeout: 60000 }, async () => {
  await page.goto('/jobs/new/data');
  await page.locator('input[type=file]').first().setInputFiles([file('items.jsonl', lines),
    file('a.gif', 'x')]);
  await page.getByText('2 lines cannot be read').waitFor();
  await page.getByRole('button', { name: 'Show' }).click();
  assert.deepEqual(await page.locator('.line-errors li').allInnerTexts(),
    ['Line 2 is not JSON.', 'Line 4 has neither “source” nor “source-ref”.']);
  assert.match(await page.locator('.notice').first().innerText(), /a\.gif/);
  await next('task');
  assert.ok(await page.getByLabel(/Text, one label/).isChecked());
  await page.getByLabel('Name of the job').fill(`Größe & Maß ${stamp}`);
  assert.equal(await page.getByLabel('Name in scripts').inputValue(), `grosse-mass-${stamp}`);
  await next('labels');
  await page.getByLabel('Add labels').fill('World\nSports | games\nBusiness\nsports');
  await page.getByRole('button', { name: 'Add these' }).click();
  await page.getByText('There already: sports').waitFor();
  await page.getByLabel('Name of label 2').press('Alt+ArrowUp');
  assert.deepEqual(await page.locator('.label-name').evaluateAll((all) => all.map((e) => e.value)),
    ['Sports', 'World', 'Business']);
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')),
    'Name of label 1');
  await next('guide');
  await page.getByLabel('Guide',
    { exact: true }).fill('# Rule\n\n**Read** <img src=x onerror=alert(1)>');
  assert.equal(await page.locator('.guide-preview strong').innerText(), 'Read');
  assert.equal(await page.locator('.guide-preview img').count(), 0);
  await next('people');
  await next('quality');
  await page.getByLabel('Target accuracy, %').fill('79');
  await page.getByText('the target is between 80 and 99.9 %').waitFor();
  await page.getByLabel('Target accuracy, %').fill('90');
  assert.match(await page.locator('.target-says').innerText(),
    /90% of the time: at most 100 wrong in 1,000/);
  await next('check');
  await page.reload();
  await page.getByText('44 items').waitFor();
  await sound(page, 'the check page');

  let cut = 4;   // as often as one request is tried
  await page.route('**/api/v1/jobs/*/items',
    (route) => (cut-- > 0 ? route.abort() : route.fallback()));
  await page.getByRole('button', { name: 'Create and start' }).click();
  await page.getByText('what was sent is kept').waitFor({ timeout: 20000 });
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('2 lines or files could not be used').waitFor({ timeout: 20000 });
  await page.getByRole('button', { name: 'Start without them' }).click();
  await page.waitForURL(/\/jobs\/job_\d+$/);
  const job = await call(page, 'GET', `/jobs/grosse-mass-${stamp}`);
  assert.equal(job.state, 'in_progress');
  assert.deepEqual(job.labels.map((l) => l.name), ['Sports', 'World', 'Business']);
  assert.equal(job.auto_label.target, 0.9);
  assert.equal(job.counts.total - job.counts.failed, 42);
  await page.goto('/jobs/new/data');   // the draft is gone
  await page.getByText('Drop files or a folder here').waitFor();
  assert.equal(await page.locator('.file').count(), 0);
});

test('pictures: a broken one is refused by name, the others are in', { timeout: 60000 },
  async () => {
  const png = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(64, 48);
    const paint = /** @type {any} */ (canvas.getContext('2d'));
    const out = [];
    for (const color of ['red', 'green', 'blue']) {
      paint.fillStyle = color;
      paint.fillRect(0, 0, 64, 48);
      out.push([...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())]);
    }
    return out;
  });
  await page.goto('/jobs/new/data');
  await page.locator('input[type=file]').first().setInputFiles([
    ...png.map((bytes, i) =>
      ({ name: `photo-${i}.png`, mimeType: 'image/png', buffer: Buffer.from(bytes) })),
    { name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('no picture') }]);
  await page.getByText('4 images').waitFor();
  assert.equal(await page.locator('.sample-images img').count(), 4);
  await page.goto('/jobs/new/task');
  assert.ok(await page.getByLabel(/Image, one label/).isChecked());
  await page.getByLabel('Name of the job').fill(`Photos ${stamp}`);
  await next('labels');
  await page.getByLabel('Add labels').fill('warm\ncold');
  await page.getByRole('button', { name: 'Add these' }).click();
  await page.goto('/jobs/new/check');
  await page.getByRole('button', { name: 'Create and start' }).click();
  await page.getByText('1 line or file could not be used').waitFor({ timeout: 20000 });
  assert.match(await page.locator('.line-errors').innerText(), /broken\.png/);
  await page.getByRole('button', { name: 'Start without them' }).click();
  await page.waitForURL(/\/jobs\/job_\d+$/);
  const job = await call(page, 'GET', `/jobs/photos-${stamp}`);
  assert.equal(job.counts.total - job.counts.failed, 3);
});

test('no error and no breach of the policy on the way', () => clean(page));
