// The whole loop in one browser: from the one-time link over the wizard and the labelling screen to
// an exported manifest, which is then read as a consumer of Ground Truth's would read it.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { PASSWORD, Server, clean, nextTask, until } from './server.mjs';

const TEXTS = ['The parcel never came', 'Please send my money back', 'I love it ❤️ — شكرا جزيلا',
  'Cannot sign in any more', 'Is it waterproof?'];
const LABELS = ['delivery', 'refund', 'praise', 'account', 'product'];

let server;
let page;
before(async () => { server = await Server.start({ admin: false }); });
after(() => server?.stop());

const next = async (step) => {
  await page.locator('.wizard-foot a.main').click();
  await page.waitForURL(`**/jobs/new/${step}`);
};

test('the link makes the first admin', async () => {
  page = await server.page();
  await page.goto(server.link);
  await page.fill('input[name=username]', 'Mia');
  await page.fill('input[name=password]', PASSWORD);
  await page.click('button[type=submit]');
  await page.waitForURL('**/jobs');
});

test('the wizard makes a job that runs', async () => {
  await page.goto(`${server.base}/jobs/new/data`);
  await page.locator('input[type=file]').first().setInputFiles([{ name: 'mail.jsonl',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(TEXTS.map((source, id) => JSON.stringify({ source, id: `m-${id}`, tag: { n: id } }))
      .join('\n')) }]);
  await next('task');
  await page.getByLabel('Name of the job').fill('Mail');
  await next('labels');
  await page.getByLabel('Add labels').fill(LABELS.join('\n'));
  await page.getByRole('button', { name: 'Add these' }).click();
  for (const step of ['guide', 'people', 'quality', 'check']) await next(step);
  await page.getByRole('button', { name: 'Create and start' }).click();
  await page.waitForURL(/\/jobs\/job_\d+$/, { timeout: 20000 });
});

test('five digits label five messages', async () => {
  await page.goto(`${server.base}/label/mail`);
  let text = '';
  for (let i = 0; i < TEXTS.length; i++) {
    text = await nextTask(page, text);
    await page.keyboard.press(String(TEXTS.indexOf(text) + 1));
  }
  await until(async () => (await page.locator('body').innerText()).match(/All sent|nothing|done|No /i),
    'the end of the work');
});

test('the job completes by itself, and the export is what Ground Truth would have written', async () => {
  await page.goto(`${server.base}/jobs/mail`);
  await page.getByText('Completed').first().waitFor({ timeout: 45000 });
  await page.goto(`${server.base}/jobs/mail/export`);
  await page.getByRole('button', { name: 'Export 5 items' }).click();
  const ready = page.locator('.past-export').first();
  await ready.getByText('Ready').waitFor({ timeout: 15000 });
  const saved = page.waitForEvent('download');
  await ready.getByRole('link', { name: 'Download' }).click();
  const bytes = readFileSync(await (await saved).path());
  const digest = createHash('sha256').update(bytes).digest('hex');
  assert.ok((await ready.innerText()).includes(digest.slice(0, 8)), 'the digest on the page is the file\'s');

  const lines = bytes.toString('utf8').trimEnd().split('\n').map((l) => JSON.parse(l));
  assert.deepEqual(lines.map((l) => l.source), TEXTS);
  for (const [i, line] of lines.entries()) {
    const meta = line['label-metadata'];
    assert.deepEqual([line.id, line.tag, line.label], [`m-${i}`, { n: i }, i]);
    assert.deepEqual([meta['class-name'], meta.confidence, meta.type, meta['job-name'], meta['human-annotated']],
      [LABELS[i], 0, 'groundtruth/text-classification', 'labeling-job/mail', 'yes']);
    assert.match(meta['creation-date'], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
  }
  clean(page);
});
