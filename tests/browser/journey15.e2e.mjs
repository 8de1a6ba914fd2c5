// Journey 15: whatever breaks, the answers on the server are the answers made, and none twice.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PASSWORD, Server, accessible, clean, nextTask, taskText, until } from './server.mjs';

let server;
before(async () => {
  server = await Server.start();
  await server.person('Ana');
  await server.person('Ben');
});
after(() => server?.stop());

/** Answers n tasks with the first label. @returns {Promise<string[]>} their texts */
async function label(page, n) {
  const texts = [];
  let text = await nextTask(page);
  for (let i = 0; i < n; i++) {
    texts.push(text);
    await page.waitForTimeout(100);   // the same digit sooner than 80 ms counts as a bouncing key
    await page.keyboard.press('1');
    if (i < n - 1) text = await nextTask(page, text);
  }
  return texts;
}

/** The items answered, by text; fails when one has two answers of one person. */
async function texts(job) {
  const answers = await server.answers(job);
  const { items } = await server.admin.get(`/jobs/${job}/items?limit=200`);
  assert.equal(new Set(answers.map((a) => `${a.item} ${a.person}`)).size, answers.length, 'none twice');
  return answers.map((a) => items.find((i) => i.id === a.item).text).sort();
}

test('a reload keeps what was picked', async () => {
  await server.textJob('reload', 5, { auto_advance: false });
  const page = await server.page();
  await server.signIn(page, 'Ana', '/label/reload');
  const first = await nextTask(page);
  await page.keyboard.press('3');
  await until(async () => /^Kept on this computer/.test(await page.locator('.status').innerText()), 'kept');
  await page.reload();
  assert.equal(await nextTask(page), first, 'the task of the address');
  await page.waitForSelector('[role=radio][aria-checked=true]:has-text("Business")');
  clean(page);
});

test('a draft reaches the server, and another computer', async () => {
  await server.textJob('draft', 5, { auto_advance: false });
  const page = await server.page();
  await server.signIn(page, 'Ana', '/label/draft');
  const first = await nextTask(page);
  await page.keyboard.press('2');
  await until(async () => /^Sent/.test(await page.locator('.status').innerText()), 'the draft on the server', 7000);
  const other = await server.page();
  await server.signIn(other, 'Ana', '/label/draft');
  assert.equal(await nextTask(other), first);
  await other.waitForSelector('[role=radio][aria-checked=true]:has-text("Sports")');
});

test('replies get lost: each answer is there once', async () => {
  await server.textJob('lost', 8);
  const page = await server.page();
  let lost = 0;
  await page.route('**/answers', async (route) => {
    if (route.request().method() === 'POST' && lost < 3) {
      lost++;
      const request = route.request();   // arrives, while its reply does not
      await route.fetch({ url: request.url().replace(server.site, server.base),
        headers: { ...await request.allHeaders(), origin: server.base } });
      await route.abort();
    } else await route.continue();
  });
  await server.signIn(page, 'Ana', '/label/lost');
  const made = await label(page, 3);
  await until(async () => (await server.answers('lost')).length === 3
    && /^Sent/.test(await page.locator('.status').innerText()), 'all sent', 30000);
  assert.equal(lost, 3);
  assert.deepEqual(await texts('lost'), made.sort());
  clean(page);
});

test('a full queue and a full disk: answers are sent again, not before they were asked to', async () => {
  await server.textJob('busy', 8);
  const page = await server.page();
  const refusals = [[503, 'overloaded'], [507, 'storage.full'], [503, 'storage.read_only']];
  const times = [];
  await page.route('**/answers', async (route) => {
    if (route.request().method() !== 'POST' || times.length > refusals.length) return route.continue();
    times.push(Date.now());
    const [status, code] = refusals[times.length - 1] ?? [];
    if (!status) return route.continue();
    return route.fulfill({ status, contentType: 'application/json', headers: { 'Retry-After': '2' },
      body: JSON.stringify({ code, message: 'Please try again.', field: '', id: 'x' }) });
  });
  await server.signIn(page, 'Ana', '/label/busy');
  const made = await label(page, 4);   // work goes on meanwhile
  await until(async () => (await server.answers('busy')).length === 4
    && /^Sent/.test(await page.locator('.status').innerText()), 'all sent', 40000);
  const waits = times.slice(1).map((t, i) => t - times[i]);
  assert.equal(waits.length, refusals.length);
  assert.ok(waits.every((ms) => ms >= 1950), `waited ${waits}`);
  assert.deepEqual(await texts('busy'), made.sort());
  clean(page);
});

test('a server that can store nothing: the header and the notice say so, until it can', async () => {
  await server.textJob('unstored', 8);
  const page = await server.page();
  await server.signIn(page, 'Ana', '/label/unstored');
  await nextTask(page);
  await page.waitForTimeout(400);
  await page.route(/\/api\/v1\/jobs\/unstored\/(answers|leases)$/, (route) => route.fulfill({ status: 507,
    contentType: 'application/json', headers: { 'Retry-After': '1' }, body: JSON.stringify({ code: 'storage.full',
      message: 'Nothing was stored; free some space and try again.', field: '', id: 'x' }) }));
  const made = await label(page, 3);
  await page.waitForSelector('.no-task h2:has-text("No new task at the moment")');
  const notice = await page.locator('.no-task').innerText();
  assert.match(notice, /Your answers are kept on this computer and sent as soon as it can\./);
  assert.doesNotMatch(notice, /free some space/, 'the lead\'s sentence');
  await until(async () => /cannot store at the moment: 3 kept here/
    .test(await page.locator('.status').innerText()), 'the header says why');
  await accessible(page, 'a server that can store nothing');
  await page.unroute(/\/api\/v1\/jobs\/unstored\/(answers|leases)$/);
  await nextTask(page, '', 20000);
  await until(async () => (await server.answers('unstored')).length === 3
    && /^Sent/.test(await page.locator('.status').innerText()), 'all sent', 20000);
  assert.deepEqual(await texts('unstored'), made.sort());
  clean(page);
});

test('the network goes for as long as there is work in memory, and comes back', async () => {
  await server.textJob('net', 30);
  const page = await server.page();
  await server.signIn(page, 'Ana', '/label/net');
  const made = await label(page, 5);
  await nextTask(page, made[4]);
  await page.waitForTimeout(400);
  await page.context().setOffline(true);
  made.push(...await label(page, 3));
  await page.waitForSelector('.no-task h2:has-text("No network")');
  assert.match(await page.locator('.status').innerText(), /Waiting for network: 3/);
  await page.context().setOffline(false);
  await nextTask(page, '', 20000);
  const more = await label(page, 12);
  await until(async () => (await server.answers('net')).length === 20, 'twenty answers', 40000);
  assert.deepEqual(await texts('net'), [...made, ...more].sort());
  clean(page);
});

test('the tab dies offline: the next one sends what was kept', async () => {
  await server.textJob('dies', 10);
  const page = await server.page();
  await server.signIn(page, 'Ana', '/label/dies');
  await nextTask(page);
  await page.waitForTimeout(400);
  await page.route('**/api/v1/jobs/*/answers', (route) => route.abort());
  const made = await label(page, 2);
  await until(async () => /Waiting for network: 2/.test(await page.locator('.status').innerText()), 'two kept');
  await page.waitForTimeout(250);   // what a gesture may take until it is on disk
  const context = page.context();
  await page.close();
  const next = await server.tab(context);
  await next.goto(`${server.site}/tasks`);
  await until(async () => (await server.answers('dies')).length === 2, 'both on the server');
  assert.deepEqual(await texts('dies'), made.sort());
  clean(next);
});

test('the session ends during a task: sign in above it, and go on', async () => {
  await server.textJob('session', 8);
  const page = await server.page();
  await server.signIn(page, 'Ana', '/label/session');
  const first = await nextTask(page);
  await page.context().clearCookies();
  await page.keyboard.press('1');
  await page.waitForSelector('dialog:has-text("Sign in again")');
  await accessible(page, 'signing in again');
  assert.equal(await page.locator('.text-task').count(), 1, 'the task is still there');
  assert.equal((await server.answers('session')).length, 0);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('dialog').count(), 1);
  await page.fill('dialog input[name=password]', PASSWORD);
  await page.keyboard.press('Enter');
  await until(async () => (await server.answers('session')).length === 1, 'the answer that waited');
  await until(async () => await page.locator('dialog').count() === 0, 'the dialog gone');
  const second = await taskText(page);
  assert.notEqual(second, first);
  await page.keyboard.press('2');
  await until(async () => (await server.answers('session')).length === 2, 'and the next');
  clean(page);
});

test('somebody else signs in here: nothing of the one before is seen or sent', async () => {
  await server.textJob('other', 8, { annotators_per_item: 2 });
  const page = await server.page();
  await server.signIn(page, 'Ana', '/label/other');
  await nextTask(page);
  await page.waitForTimeout(300);
  await page.route('**/api/v1/jobs/*/answers', (route) => route.abort());
  await label(page, 2);
  await until(async () => /Waiting for network: 2/.test(await page.locator('.status').innerText()), 'two kept');
  await page.context().clearCookies();
  await page.unroute('**/api/v1/jobs/*/answers');
  await server.signIn(page, 'Ben', '/tasks');
  await page.waitForSelector('.job-card');
  await page.waitForTimeout(500);
  assert.equal((await server.answers('other')).length, 0);
  assert.equal(await page.locator('text=Sending').count(), 0);
  await page.context().clearCookies();
  await server.signIn(page, 'Ana', '/tasks');
  await until(async () => (await server.answers('other')).length === 2, 'hers go out when she is back');
  assert.ok((await server.answers('other')).every((a) => a.person === 'Ana'));
});

test('two tabs have different tasks', async () => {
  await server.textJob('tabs', 20);
  const one = await server.page();
  await server.signIn(one, 'Ana', '/label/tabs');
  const first = await nextTask(one);
  const two = await server.tab(one.context());
  await two.goto(`${server.site}/label/tabs`);
  const second = await nextTask(two);
  assert.notEqual(first, second);
  const made = [...await label(one, 4), ...await label(two, 4)];
  assert.equal(new Set(made).size, 8);
  await until(async () => (await server.answers('tabs')).length === 8, 'eight answers');
  assert.deepEqual(await texts('tabs'), made.sort());
  clean(one);
  clean(two);
});

test('a browser that keeps nothing: it says so, and the draft goes to the server within 2 s', async () => {
  await server.textJob('nodisk', 5, { auto_advance: false });
  const page = await server.page();
  await page.addInitScript(() => {
    Object.defineProperty(globalThis, 'indexedDB', { value: { open() { throw new Error('no storage'); } } });
  });
  await server.signIn(page, 'Ana', '/label/nodisk');
  await nextTask(page);
  assert.match(await page.locator('.status').innerText(), /Nothing can be kept/);
  await page.keyboard.press('2');
  await until(async () => /Sent/.test(await page.locator('.status').innerText()), 'the draft on the server', 3500);
  await page.keyboard.press('g');
  await until(async () => (await server.answers('nodisk')).length === 1, 'the answer');
});

test('the server is killed during a submit', { skip: !!(process.env.PLUMBLINE || process.env.PLUMBLINE_URL)
  && 'needs a server that keeps its data' }, async () => {
  await server.textJob('killed', 12);
  const page = await server.page();
  await server.signIn(page, 'Ana', '/label/killed');
  const made = await label(page, 2);
  await nextTask(page, made[1]);
  await page.waitForTimeout(400);
  await page.keyboard.press('1');
  await server.crash();
  made.push(await nextTask(page, made[1]));
  await page.keyboard.press('2');
  await server.run();
  await until(async () => (await server.answers('killed')).length === 4, 'four answers', 40000);
  await texts('killed');
});
