// Buckets, by the lead's pages: items out of one and results into one by the wizard, a bucket that
// does not answer, exports, jobs from jobs, and the lines for AWS clients.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Buckets } from './bucket.mjs';
import { call, makeJob, sound, startLead } from './lead.mjs';
import { clean, until } from './server.mjs';

let server, page, buckets;
const LONG = `s3://lake/${'very-long-folder/'.repeat(58)}`;   // 996 characters
const TEXTS = ['Oil prices fell', 'وافق البرلمان على القانون 👍🏿', ...Array.from({ length: 20 }, (_, i) => `Text ${i}`)];

before(async () => {
  buckets = new Buckets(['lake']);
  Object.assign(process.env, await buckets.start());
  buckets.objects.set('lake/in/items.manifest',
    Buffer.from(TEXTS.map((source) => `${JSON.stringify({ source })}\n`).join('')));
  ({ server, page } = await startLead());
});
after(async () => {
  await server?.stop();
  buckets?.stop();
});

/** In light and dark. */
async function looked(state) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    await page.emulateMedia({ colorScheme });
    await sound(page, `${state}, ${colorScheme}`);
  }
}
const step = (name) => page.goto(`/jobs/new/${name}`);
const source = () => page.getByLabel('Manifest or folder in a bucket');

test('the wizard: an address that cannot be one, one that the server refuses, and one that is right',
  { timeout: 90000 }, async () => {
  await step('data');
  await page.getByText('Or take them from a bucket').click();
  await source().fill('lake/in/items.manifest');
  await source().blur();
  await page.getByText('begins with s3://').waitFor();
  await looked('a wrong address');
  await source().fill('s3://lake/in/items.manifest');
  await step('task');
  await page.getByLabel(/Text, one label/).check();
  await page.getByLabel('Name of the job').fill('أخبار from a bucket');
  await page.getByLabel('Name in scripts').fill('news');
  await step('labels');
  await page.getByLabel('Add labels').fill('yes\nno');
  await page.getByRole('button', { name: 'Add these' }).click();
  await step('guide');
  await page.getByLabel('Description').fill('هل هذا خبر؟ '.repeat(90));
  await page.getByText('longer than 1,000').waitFor();
  await page.getByLabel('Description').fill('هل هذا خبر؟');
  await step('quality');
  await page.getByLabel('Also write the results').fill('s3://nobodys-bucket/out');
  await page.getByLabel('After so many items labelled by people').fill('21');
  await page.getByLabel('Hours an item waits for people').fill('48');
  await page.getByLabel('Let the machine label').uncheck();
  await looked('quality and results');
  await page.getByLabel('Also write the results').fill('s3://lake/out');
  await step('check');
  await page.getByText('s3://lake/in/items.manifest').waitFor();
  await looked('the check page');
  await page.getByRole('button', { name: 'Create and start' }).click();
  await page.waitForURL(/\/jobs\/job_\d+$/, { timeout: 30000 });
  const job = await call(page, 'GET', '/jobs/news');
  assert.equal(job.counts.total, TEXTS.length);
  assert.equal(job.description, 'هل هذا خبر؟');
  assert.equal(job.availability_seconds, 48 * 3600);
  assert.equal(job.auto_label.max_human_items, 21);
  assert.equal(job.output.uri, 's3://lake/out/news');
});

test('an item list that is not there: said, and mended at its field', { timeout: 60000 }, async () => {
  const job = await call(page, 'POST', '/jobs', { name: 'later', type: 'text-classification',
    labels: [{ name: 'yes' }, { name: 'no' }] });
  await page.goto(`/jobs/${job.id}`);
  await page.getByText('Or take them from a bucket').click();
  await source().fill('s3://lake/');
  await page.getByRole('button', { name: 'Add from the bucket' }).press('Enter');
  buckets.refuses = () => true;
  await source().fill('s3://lake/in/items.manifest');
  await source().press('Enter');
  await page.getByText('The import waits').waitFor({ timeout: 20000 });
  await looked('an import that waits');
  buckets.refuses = () => false;
  await page.getByText('The import waits').waitFor({ state: 'detached', timeout: 40000 });
  await until(async () => (await call(page, 'GET', '/jobs/later')).counts.total === TEXTS.length,
    'the items', 40000);
});

test('where results go: before the start to be changed, then to be read', { timeout: 60000 },
  async () => {
  await page.goto('/jobs/later/settings');
  const field = page.getByLabel('Also write the results');
  await field.fill(LONG);
  await looked('settings before the start');
  await page.locator('#results').getByRole('button', { name: 'Save' }).click();
  await page.locator('#results').getByText('Saved').waitFor();
  const there = `${LONG}later`;
  assert.equal((await call(page, 'GET', '/jobs/later')).output.uri, there);
  await page.reload();
  assert.equal(`${await field.inputValue()}/`, LONG);
  await call(page, 'POST', '/jobs/later/start');
  await page.reload();
  const fixed = page.getByLabel('Results are also written to');
  assert.equal(await fixed.inputValue(), there);
  assert.ok(await fixed.getAttribute('readonly') !== null);
});

test('a limit can be taken away again', { timeout: 30000 }, async () => {
  await page.goto('/jobs/news/settings');
  const limit = page.getByLabel('After so many items labelled by people');
  assert.equal(await limit.inputValue(), '21');
  await limit.fill('');
  await page.locator('#stop').getByRole('button', { name: 'Save' }).click();
  await page.locator('#stop').getByText('Saved').waitFor();
  assert.ok(!(await call(page, 'GET', '/jobs/news')).auto_label.max_human_items);
});

test('the output line: writing, waiting with the reason, done', { timeout: 90000 }, async () => {
  await page.goto('/jobs/news');
  const line = page.locator('section', { has: page.getByRole('heading', { name: 'Results in the bucket' }) });
  await line.getByText(/Nothing is written yet|Written as the job goes/).waitFor();
  assert.match(await line.getByLabel('Folder').inputValue(), /^s3:\/\/lake\/out/);
  buckets.refuses = () => true;
  const { tasks } = await call(page, 'POST', '/jobs/news/leases', { n: 3 });
  for (const task of tasks) {
    await call(page, 'POST', '/jobs/news/answers', { lease: task.lease, answer: { label: 'yes' }, active_ms: 1, elapsed_ms: 1 });
  }
  await line.getByText('Writing waits').waitFor({ timeout: 60000 });
  assert.match(await line.innerText(), /Since /);
  await looked('an output that waits');
  buckets.refuses = () => false;
  await line.getByText('Writing waits').waitFor({ state: 'detached', timeout: 60000 });
  await call(page, 'POST', '/jobs/news/stop');
  await page.reload();
  await line.getByText('Everything is there').waitFor({ timeout: 60000 });
  await looked('an output that is done');
  assert.ok([...buckets.objects.keys()].some((k) => /^lake\/out\/.*output\.manifest$/.test(k)));
});

test('an export goes to a bucket, or says at the field why not', { timeout: 60000 }, async () => {
  await page.goto('/jobs/news/export');
  await page.getByRole('radio', { name: 'To a bucket' }).check({ force: true });
  const to = page.getByLabel('Folder or file in a bucket');
  assert.match(await to.inputValue(), /^s3:\/\/lake\/out\/$/);
  await to.fill('s3://Wrong_Name/x');
  await to.blur();
  await page.locator('.field .error').waitFor();
  await to.fill('s3://lake/exports/');
  await page.getByRole('radio', { name: 'CSV' }).check();
  await looked('an export to a bucket');
  await page.getByRole('button', { name: 'to the bucket' }).click();
  const past = page.getByLabel('In the bucket');
  await past.waitFor();
  await page.locator('.past-export').getByText('Ready').waitFor({ timeout: 30000 });
  const key = (await past.inputValue()).replace('s3://', '');
  assert.equal(String(buckets.objects.get(key)).split('\n')[0].includes('label'), true, key);
  assert.equal(await page.locator('.past-export').getByRole('link', { name: 'Download' }).count(), 0);
  await looked('an export in a bucket');
});

test('pictures in a bucket that does not answer: said to the annotator, and back when it is back',
  { timeout: 90000 }, async () => {
  const png = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(90, 60);
    const paint = /** @type {any} */ (canvas.getContext('2d'));
    paint.fillStyle = 'teal';
    paint.fillRect(0, 0, 90, 60);
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  });
  for (const n of [1, 2, 3]) buckets.objects.set(`lake/pictures/${n}.png`, Buffer.from([...png, n]));
  buckets.refuses = (method, path) => path.endsWith('.png');
  const labels = [{ name: 'yes' }, { name: 'no' }];
  await call(page, 'POST', '/jobs', { name: 'birds', type: 'image-classification', labels });
  await call(page, 'POST', '/jobs/birds/imports', { source: 's3://lake/pictures/' });
  await until(async () => (await call(page, 'GET', '/jobs/birds')).counts.total === 3, 'the items', 20000);
  await call(page, 'POST', '/jobs/birds/start');
  await page.goto('/label/birds');
  await page.getByRole('heading', { name: 'does not come at the moment' }).waitFor({ timeout: 30000 });
  await looked('a picture whose bucket does not answer');
  const before = page.url();
  buckets.refuses = () => false;
  await page.getByRole('heading', { name: 'does not come at the moment' })
    .waitFor({ state: 'detached', timeout: 60000 });
  assert.equal(page.url(), before, 'the same task');
  await page.keyboard.press('1');
  await until(async () => (await server.answers('birds')).length === 1, 'the answer');
});

test('a job is continued by another, by keys alone', { timeout: 60000 }, async () => {
  await page.goto('/jobs/news');
  await page.getByRole('button', { name: 'More commands' }).press('Enter');
  await page.locator('[role=menuitem]:focus').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('heading', { name: 'with another job' }).waitFor();
  assert.ok(await dialog.getByRole('radio', { name: 'With the labels so far' }).isChecked());
  await dialog.getByRole('radio', { name: 'Another' }).check();
  await dialog.getByLabel('Name of the other attribute').waitFor();
  await looked('continuing a job');
  await dialog.getByRole('radio', { name: 'The same' }).check();
  await dialog.getByLabel('Name in scripts').fill('news');
  await page.keyboard.press('Enter');
  await dialog.locator('.error').waitFor();
  assert.ok(await dialog.locator('.error').innerText());
  await dialog.getByLabel('Name in scripts').fill('news-2');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/jobs\/job_\d+$/);
  await page.getByRole('heading', { name: '(next)' }).waitFor();
  // What has a label under the same attribute is kept, and is no work of the new job.
  const { human } = (await call(page, 'GET', '/jobs/news')).counts;
  assert.equal(human, 3);
  const made = await until(async () => {
    const one = await call(page, 'GET', '/jobs/news-2');
    return one.counts.total === TEXTS.length - human && one;
  }, 'the items of the copy', 30000);
  assert.equal(made.state, 'initializing');
});

test('a clone brings the items as they came', { timeout: 60000 }, async () => {
  await makeJob(page, 'small', ['a', 'b', 'c']);
  await page.goto('/jobs/small');
  await page.getByRole('button', { name: 'More commands' }).click();
  await page.getByRole('menuitem', { name: 'Clone' }).click();
  const dialog = page.getByRole('dialog');
  assert.ok(await dialog.getByRole('radio', { name: 'As they came' }).isChecked());
  assert.equal(await dialog.getByLabel('Name in scripts').inputValue(), 'small-2');
  await dialog.getByLabel('Name of the job').fill('س'.repeat(200));
  await looked('cloning a job');
  await dialog.getByRole('button', { name: 'Make the job' }).click();
  await until(async () => (await page.request.get('/api/v1/jobs/small-2')).ok(), 'the clone');
  await until(async () => (await call(page, 'GET', '/jobs/small-2')).counts.total === 3, 'its items', 30000);
  await page.getByRole('heading', { name: 'س'.repeat(200) }).waitFor();
  await looked('a job with a long Arabic name');
});

test('a new key comes with the lines for AWS clients', { timeout: 30000 }, async () => {
  await page.goto('/keys');
  await page.getByText('AWS clients', { exact: true }).click();
  await looked('the help for AWS clients');
  await page.getByRole('button', { name: 'New key' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill('boto');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  const id = await dialog.getByLabel('Access key id').inputValue();
  assert.equal(await dialog.getByLabel('Tell awscli the key id').inputValue(),
    `aws configure set aws_access_key_id ${id} --profile plumbline`);
  for (const name of ['Try it with awscli', 'In Python, with boto3']) {
    assert.ok((await dialog.getByLabel(name).inputValue()).includes(server.base), name);
  }
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await dialog.getByRole('button', { name: 'Copy Try it with awscli' }).click();
  await dialog.getByRole('button', { name: 'Copied Try it with awscli' }).waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^aws .*list-labeling-jobs$/);
  await looked('a key with its lines');
});

test('a job that is prepared from its bucket says so, and why it waits', { timeout: 30000 }, async () => {
  const one = /\/api\/v1\/jobs\/small$/;
  const why = 's3://fruits/labels.json cannot be reached at http://127.0.0.1:9: it hangs.';
  await page.route(one, async (route) => {
    const response = await route.fetch();
    const job = await response.json();
    await route.fulfill({ response, json: { ...job, state: 'initializing', preparing: true, problem: why } });
  });
  await page.goto('/jobs/small');
  await page.getByText('Being prepared from its bucket', { exact: false }).waitFor();
  await page.getByText(why).waitFor();
  await page.getByText('Being prepared', { exact: true }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Start', exact: true }).count(), 0);
  assert.equal(await page.getByText('no items yet', { exact: false }).count(), 0);
  await looked('a job that is prepared');
  await page.unroute(one);
  await page.getByText('Being prepared', { exact: true }).waitFor({ state: 'detached' });
});

test('no error and no breach of the policy on the way', () => clean(page));
