// A large import: how far it is, on every page of its job, and that it has ended.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call, sound, startLead } from './lead.mjs';
import { clean } from './server.mjs';

let server, page, job;
const N = 300000;

before(async () => {
  ({ server, page } = await startLead());
  job = await call(page, 'POST', '/jobs', { name: 'large', title: 'A large job',
    type: 'text-classification', labels: [{ name: 'yes' }, { name: 'no' }] });
});
after(() => server?.stop());

test('a bar grows with the import, says how far it is, and goes when all is there',
  { timeout: 90000 }, async () => {
  await page.goto(`/jobs/${job.id}`);
  const bar = page.getByRole('progressbar', { name: 'Adding items' });
  const lines = Array.from({ length: N }, (_, n) => `{"source":"line number ${n}"}\n`).join('');
  const sent = call(page, 'POST', `/jobs/${job.id}/items`, lines, 'application/x-ndjson');
  await bar.waitFor({ timeout: 30000 });
  const [now, text] = [await bar.getAttribute('aria-valuenow'), await bar.getAttribute('aria-valuetext')];
  assert.ok(Number(now) >= 0 && Number(now) <= 100, String(now));
  assert.match(text, /^[\d,]+ lines?, \d+%/);
  await page.waitForTimeout(300);   // the start button fades in as the first items come
  await sound(page, 'a job while items are added');
  assert.equal((await sent).source, 'upload');
  await bar.waitFor({ state: 'detached', timeout: 60000 });
  await page.getByText(`${N.toLocaleString('en')} items`).first().waitFor();
  clean(page);
});
