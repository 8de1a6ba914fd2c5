// Pictures that do not come: from a bucket that does not answer, or that are gone. Nothing is lost,
// nobody labels what was not shown, and everything works by keys.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server, accessible, clean, until } from './server.mjs';

let server, page;
const N = 6;
/** How the media of this item answers; undefined: as the server does. @type {Map<string, number>} */
const faults = new Map();
let asked = 0;

before(async () => {
  server = await Server.start();
  await server.person('Ana');
  page = await server.page();
  const pictures = await page.evaluate(async (n) => {
    const canvas = new OffscreenCanvas(80, 60);
    const paint = /** @type {any} */ (canvas.getContext('2d'));
    const out = [];
    for (let i = 0; i < n; i++) {
      paint.fillStyle = `hsl(${i * 50} 80% 50%)`;
      paint.fillRect(0, 0, 80, 60);
      out.push([...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())]);
    }
    return out;
  }, N);
  const labels = [{ name: 'warm' }, { name: 'cold' }];
  await server.admin.post('/jobs', { name: 'pictures', title: 'صور الطيور', labels, open_items: 10,
    type: 'image-classification', description: 'وصف قصير: اختر اللون.', instructions: '**Rule**' });
  for (const [i, bytes] of pictures.entries()) {
    const answer = await fetch(`${server.base}/api/v1/jobs/pictures/files?name=p${i}.png`, {
      method: 'POST', body: new Uint8Array(bytes), headers: { 'Content-Type': 'image/png',
        Cookie: server.admin.cookie, 'X-CSRF-Token': server.admin.csrf } });
    assert.ok(answer.ok, await answer.text());
  }
  await server.admin.post('/jobs/pictures/start');
  await page.route(/\/api\/v1\/items\/[^/]+\/(media|preview)/, (route) => {
    const item = /items\/([^/]+)\//.exec(route.request().url())[1];
    const status = faults.get(item) ?? faults.get('*');
    if (!status) return route.fallback();
    asked++;
    return route.fulfill({ status, headers: status === 503 ? { 'Retry-After': '1' } : {}, json: {
      code: status === 503 ? 's3.unreachable' : 'media.gone', id: 'e1',
      message: `The bucket “birds” says ${status} for s3://birds/${'long-folder/'.repeat(80)}x.jpg.` } });
  });
});
after(() => server?.stop());

const item = () => new URL(page.url()).pathname.split('/').at(-1);
const given = async () => (await server.answers('pictures')).length;
/** A picture is there; with `or`, a heading with these words will do. */
const shown = (or = '') => page.waitForFunction((words) => {
  if (words && document.querySelector('.no-task h2')?.textContent?.includes(words)) return true;
  const canvas = document.querySelector('.image-surface canvas');
  if (!(canvas instanceof HTMLCanvasElement) || !canvas.offsetParent) return false;
  const g = canvas.getContext('2d');
  return g?.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[3] === 255;
}, or);

test('a bucket that does not answer: said, tried again by itself and by the key; no answer slips',
  { timeout: 60000 }, async () => {
  faults.set('*', 503);
  await server.signIn(page, 'Ana', '/label/pictures');
  await page.getByRole('heading', { name: 'does not come at the moment' }).waitFor();
  assert.match(await page.locator('.guide-about').innerText(), /وصف قصير/);
  assert.match(await page.locator('.no-task').innerText(), /says 503.*Next try in \d/s);
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    await page.emulateMedia({ colorScheme });
    await accessible(page, `a picture that waits, ${colorScheme}`);
  }
  const first = item();
  await page.keyboard.press('1');
  await page.keyboard.press('2');
  assert.equal(await given(), 0);
  const before = asked;
  await page.keyboard.press('g');   // goes on: here that means trying again
  await until(async () => asked > before, 'the key tries again');
  const after_ = asked;
  await until(async () => asked > after_, 'it is tried again by itself', 12000);
  assert.equal(item(), first);
  faults.clear();
  await page.getByRole('button', { name: 'Try now' }).click();
  await shown();
  assert.equal(item(), first, 'the task has stayed');
  await page.keyboard.press('1');
  await until(async () => await given() === 1, 'the answer');
  assert.equal((await server.answers('pictures'))[0].item, first);
});

test('it comes back by itself when the bucket does', { timeout: 60000 }, async () => {
  await shown();
  const now = item();
  faults.set('*', 503);
  await page.reload();
  await page.getByRole('heading', { name: 'does not come at the moment' }).waitFor();
  assert.equal(item(), now);
  faults.clear();
  await page.getByRole('heading', { name: 'does not come at the moment' })
    .waitFor({ state: 'detached', timeout: 20000 });
  await shown();
});

test('a picture behind that does not come holds up neither the one in front nor the others',
  { timeout: 60000 }, async () => {
  const seen = new Set((await server.answers('pictures')).map((a) => a.item));
  const { items } = await server.admin.get('/jobs/pictures/items?limit=50');
  const here = item();
  const slow = items.map((i) => i.id).find((id) => id !== here && !seen.has(id));
  faults.set(slow, 503);
  await page.reload();
  let skipped = false;
  for (let i = 0; i < N && !skipped; i++) {
    await shown('at the moment');
    if (item() === slow) {
      await page.keyboard.press('x');   // passes it on, with a reason
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('2');
      skipped = true;
    } else {
      const old = item();
      await page.keyboard.press('2');
      await until(async () => item() !== old, 'the next task');
    }
  }
  assert.ok(skipped);
  faults.clear();
});

test('a picture that is gone offers the skip', { timeout: 60000 }, async () => {
  await shown();
  const gone = item();
  faults.set(gone, 404);
  await page.reload();
  await page.getByRole('heading', { name: 'is gone' }).waitFor();
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    await page.emulateMedia({ colorScheme });
    await accessible(page, `a picture that is gone, ${colorScheme}`);
  }
  assert.equal(item(), gone);
  await page.getByRole('button', { name: 'Report as broken' }).press('Enter');
  await until(async () => item() !== gone, 'the next task');
  clean(page);
});
