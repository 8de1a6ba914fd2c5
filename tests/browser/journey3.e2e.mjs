// Journey 3: single classification by digits only, going on by itself, taking back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server, accessible, clean, nextTask, taskText, until } from './server.mjs';

let server;
before(async () => {
  server = await Server.start();
  await server.person('Ana');
});
after(() => server?.stop());

const LABELS = { 1: 'World', 2: 'Sports', 3: 'Business', 4: 'Science' };

test('twelve tasks by digits; the answers are the digits', async () => {
  await server.textJob('digits', 12, { instructions: '# Rule\n\nTake the **topic**.' });
  const page = await server.page();
  await server.signIn(page, 'Ana', '/label/digits');
  let text = await nextTask(page);
  await accessible(page, 'labelling with the guide');
  await page.keyboard.press('Backquote');
  assert.equal(await page.locator('.guide').count(), 0);
  const wanted = new Map();
  for (let i = 0; i < 12; i++) {
    const digit = (i % 4) + 1;
    wanted.set(text, LABELS[digit]);
    await page.keyboard.press(String(digit));
    if (i < 11) text = await nextTask(page, text);
  }
  await page.waitForSelector('.no-task h2:text-matches("All done here|Nothing to do")');
  await accessible(page, 'no task left');
  const answers = await until(async () => {
    const all = await server.answers('digits');
    return all.length >= 12 && all;
  }, '12 answers');
  assert.equal(answers.length, 12);
  const { items } = await server.admin.get('/jobs/digits/items?limit=200');
  for (const item of items) {
    assert.equal(answers.find((a) => a.item === item.id).label, wanted.get(item.text), item.text);
  }
  clean(page);
});

test('the swap to a task that is ready takes less than 100 ms', async () => {
  await server.textJob('swap', 20);
  const page = await server.page();
  await server.signIn(page, 'Ana', '/label/swap');
  await nextTask(page);
  await page.waitForTimeout(300);
  const took = [];
  for (let i = 0; i < 10; i++) {
    took.push(await page.evaluate(async () => {
      const before = document.querySelector('.text-task').textContent;
      const began = performance.now();
      document.dispatchEvent(new KeyboardEvent('keydown', { code: 'Digit1', key: '1', bubbles: true }));
      while (document.querySelector('.text-task').textContent === before) {
        await new Promise((r) => { requestAnimationFrame(r); });
      }
      return performance.now() - began;
    }));
    await page.waitForTimeout(150);
  }
  took.sort((a, b) => a - b);
  console.log(`# swap: median ${took[5].toFixed(1)} ms, slowest ${took[9].toFixed(1)} ms`);
  assert.ok(took[8] < 100, `sorted: ${took.map((t) => t.toFixed(0))}`);
});

test('Z takes back: one that was sent, and one that was not', async () => {
  await server.textJob('back', 8);
  const page = await server.page();
  await server.signIn(page, 'Ana', '/label/back');
  const first = await nextTask(page);
  await page.keyboard.press('1');
  const second = await nextTask(page, first);
  await until(async () => (await server.answers('back')).length === 1, 'the first answer');
  await until(async () => /^Sent/.test(await page.locator('.status').innerText()), 'the word sent');
  await page.keyboard.press('z');
  await until(async () => await taskText(page) === first, 'the first task again');
  assert.equal(await page.locator('[role=radio][aria-checked=true]').innerText().then((s) => /World/.test(s)), true,
    'what was answered is still picked');
  await until(async () => (await server.answers('back')).length === 0, 'withdrawn on the server');
  await page.keyboard.press('3');
  await until(async () => await taskText(page) === second, 'the second task again, from memory');

  await page.context().setOffline(true);
  await page.keyboard.press('1');
  const third = await nextTask(page, second);
  await page.keyboard.press('z');
  await until(async () => await taskText(page) === second, 'the second task again');
  await page.keyboard.press('4');
  await until(async () => await taskText(page) === third, 'on again');
  assert.match(await page.locator('.status').innerText(), /Waiting for network/);
  await accessible(page, 'offline');
  await page.context().setOffline(false);
  const answers = await until(async () => {
    const all = await server.answers('back');
    return all.length === 2 && all.some((a) => a.label === 'Science') && /^Sent/.test(await page.locator('.status').innerText()) && all;
  }, 'two answers', 40000);
  assert.deepEqual(answers.map((a) => a.label).sort(), ['Business', 'Science']);
  clean(page);
});

test('keys pressed in one go after C are the comment, not answers', async () => {
  await server.textJob('hasty', 4);
  const page = await server.page();
  await server.signIn(page, 'Ana', '/label/hasty');
  await nextTask(page);
  await page.evaluate(() => { // three keys before the browser can draw anything
    for (const [code, key] of [['KeyC', 'c'], ['Digit2', '2'], ['Digit1', '1']])
      (document.activeElement ?? document.body).dispatchEvent(
        new KeyboardEvent('keydown', { code, key, bubbles: true, cancelable: true }));
  });
  await page.locator('dialog[open] textarea:focus').waitFor();
  await page.waitForTimeout(300);
  assert.equal((await server.admin.get('/jobs/hasty')).counts.answers, 0);
  await page.close();
});

test('skip with a reason by digit; comment goes along', async () => {
  await server.textJob('skips', 4);
  const page = await server.page();
  await server.signIn(page, 'Ana', '/label/skips');
  const first = await nextTask(page);
  await page.keyboard.press('c');
  await page.keyboard.type('2 labels fit, g');
  await accessible(page, 'the skip window');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('1');
  await nextTask(page, first);
  const { items } = await server.admin.get('/jobs/skips/items');
  const skipped = await until(async () => {
    for (const { id } of items) {
      const one = await server.admin.get(`/jobs/skips/items/${id}`);
      if (one.skips.length) return one.skips[0];
    }
    return null;
  }, 'the skip');
  assert.equal(skipped.reason, 'unclear');
  assert.equal(skipped.comment, '2 labels fit, g');
  clean(page);
});

test('without going on by itself: G submits, and says what is missing', async () => {
  await server.textJob('slow', 4, { auto_advance: false });
  const page = await server.page();
  await server.signIn(page, 'Ana', '/label/slow');
  const first = await nextTask(page);
  await page.keyboard.press('g');
  assert.match(await page.locator('.action-note').innerText(), /Needs: 1 label/);
  await page.keyboard.press('2');
  assert.equal(await taskText(page), first);
  await page.keyboard.press('3');
  await page.keyboard.press('Enter');
  await nextTask(page, first);
  await until(async () => (await server.answers('slow'))[0]?.label === 'Business', 'the last pick counts');
});

test('100 labels: the palette finds one by a few letters; Shift and a digit reach 20', async () => {
  const labels = Array.from({ length: 100 }, (_, i) => ({ name: `label ${String(i + 1).padStart(3, '0')}` }));
  labels[76].name = 'Überweisung fehlgeschlagen';
  await server.textJob('many', 4, { labels });
  const page = await server.page();
  await server.signIn(page, 'Ana', '/label/many');
  const first = await nextTask(page);
  await page.keyboard.press('f');
  await page.keyboard.type('uber feh');
  await accessible(page, 'the palette');
  await page.keyboard.press('Enter');
  const second = await nextTask(page, first);
  await page.keyboard.press('Shift+Digit3');
  await nextTask(page, second);
  await until(async () => (await server.answers('many')).length === 2, 'two answers');
  assert.deepEqual((await server.answers('many')).map((a) => a.label).sort(), ['label 013', 'Überweisung fehlgeschlagen']);
  clean(page);
});
