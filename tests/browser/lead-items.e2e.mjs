// The items of a job: a thousand of them without a thousand elements, filters in the address, one
// item in the drawer, Back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeJob, sound, startLead } from './lead.mjs';
import { clean } from './server.mjs';

let server, page, job;
const N = 1000;

before(async () => {
  ({ server, page } = await startLead());
  job = await makeJob(page, `items-${Date.now().toString(36)}`,
    Array.from({ length: N }, (_, i) => `text ${i} ${i % 100 === 7 ? 'needle' : 'hay'} قطة 👍🏿`));
});
after(() => server?.stop());

const address = () => new URL(page.url()).pathname + new URL(page.url()).search;

test('a thousand items, never more than 60 elements, every one of them reachable',
  { timeout: 60000 }, async () => {
  await page.goto(`/jobs/${job.id}/items`);
  await page.getByRole('listitem').first().waitFor();
  await page.locator('.items-head').getByText('1,000 items', { exact: true }).waitFor();
  let most = 0, last = 0;
  for (let i = 0; i < 200 && last < N; i++) {
    await page.mouse.wheel(0, 3000);
    await page.waitForTimeout(30);
    const at = await page.locator('.browse-item').evaluateAll((all) =>
      [all.length, Number(all.at(-1)?.getAttribute('aria-posinset'))]);
    most = Math.max(most, at[0]);
    last = at[1];
  }
  assert.equal(last, N);
  assert.ok(most > 5 && most <= 60, String(most));
  await page.getByRole('button', { name: 'Grid' }).click();
  await page.waitForTimeout(200);
  assert.ok(await page.locator('.browse-item').count() <= 60);
});

test('arrow keys walk, Enter opens, arrows turn the pages of the drawer, Back closes it',
  { timeout: 30000 }, async () => {
  await page.goto(`/jobs/${job.id}/items`);
  await page.getByRole('listitem').first().waitFor();
  await page.locator('.item-line[tabindex="0"]').focus();
  for (let i = 0; i < 25; i++) await page.keyboard.press('ArrowDown');
  const scroll = await page.evaluate(() => scrollY);
  assert.ok(scroll > 0);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Item 26' }).waitFor();
  assert.match(address(), /\/items\/item_\d+$/);
  await sound(page, 'an open drawer');
  await page.keyboard.press('ArrowRight');
  await page.getByRole('heading', { name: 'Item 27' }).waitFor();
  await page.goBack();
  await page.locator('.drawer').waitFor({ state: 'detached' });
  assert.equal(address(), `/jobs/${job.id}/items`);
  await page.waitForTimeout(100);
  assert.equal(await page.evaluate(() => scrollY), scroll);
});

test('a filter is in the address, finds what it says, and can be cleared', { timeout: 30000 },
  async () => {
  await page.goto(`/jobs/${job.id}/items`);
  await page.getByLabel('Text, or a filter').fill('needle');
  await page.keyboard.press('Enter');
  await page.locator('.items-head').getByText('10 items', { exact: true }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get('q'), 'needle');
  await page.reload();
  await page.locator('.items-head').getByText('10 items', { exact: true }).waitFor();
  await page.getByLabel('Text, or a filter').fill('state:asleep');
  await page.keyboard.press('Enter');
  await page.getByText('Not understood: state:asleep').waitFor();
  await page.getByLabel('State', { exact: true }).selectOption('failed');
  await page.getByText('No items match').waitFor();
  await sound(page, 'nothing found');
  await page.locator('.empty').getByRole('button', { name: 'Clear filters' }).click();
  await page.locator('.items-head').getByText('1,000 items', { exact: true }).waitFor();
  assert.equal(address(), `/jobs/${job.id}/items`);
});

test('no error and no breach of the policy on the way', () => clean(page));
