// Journey 2: signing in and out, the lock-out, an invitation that is over, a role too low.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PASSWORD, Server, accessible, clean, until } from './server.mjs';

let server;
before(async () => {
  server = await Server.start();
  await server.person('Ana');
  await server.person('Lou');
});
after(() => server?.stop());

const tell = (page) => page.locator('.notice[role=alert]').innerText();

test('sign in, and out again', async () => {
  const page = await server.page();
  await page.goto(`${server.site}/me?x=1`);
  await page.waitForURL(/\/login\?next=/);
  await accessible(page, 'signing in');
  await page.fill('input[name=username]', 'Ana');
  await page.fill('input[name=password]', 'wrong');
  await page.click('button[type=submit]');
  await page.waitForSelector('.notice[role=alert]');
  assert.doesNotMatch((await tell(page)).replace('Name and password do not match', ''), /name|password/i,
    'which of the two is wrong is not said');
  await accessible(page, 'a refused sign-in');

  assert.equal(await page.locator('input[name=password]').getAttribute('type'), 'password');
  await page.click('button:has-text("Show")');
  assert.equal(await page.locator('input[name=password]').getAttribute('type'), 'text');
  await page.fill('input[name=password]', PASSWORD);
  await page.click('button[type=submit]');
  await page.waitForURL('**/me?x=1', {});
  await page.waitForSelector('h1:has-text("Settings")');
  await accessible(page, 'settings');

  await page.click('button[aria-label="Menu of Ana"]');
  await accessible(page, 'an open menu');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/login');
  await page.goto(`${server.site}/tasks`);
  await page.waitForURL(/\/login/);
  clean(page);
});

test('a way out through ?next= leads nowhere else', async () => {
  const page = await server.page();
  await page.goto(`${server.site}/login?next=//evil.example/x`);
  await page.fill('input[name=username]', 'Ana');
  await page.fill('input[name=password]', PASSWORD);
  await page.click('button[type=submit]');
  await page.waitForURL('**/tasks');
  assert.ok(page.url().startsWith(server.site));
});

test('too many attempts: it says until when', async () => {
  const page = await server.page();
  await page.goto(`${server.site}/login`);
  await page.fill('input[name=username]', 'Lou');
  for (let i = 0; i < 30; i++) {
    await page.fill('input[name=password]', `wrong ${i}`);
    await page.click('button[type=submit]');
    await until(async () => await page.locator('button[type=submit]').isEnabled(), 'the reply');
    if (/Too many/.test(await tell(page).catch(() => ''))) break;
  }
  assert.match(await tell(page), /Too many attempts\. Sign-in opens again at .*\d/);
  clean(page);
});

test('an invitation nobody sent', async () => {
  const page = await server.page();
  await page.goto(`${server.site}/join/nothing-like-it`);
  await page.waitForSelector('h1:has-text("does not work any more")');
  assert.equal(await page.locator('input').count(), 0);
});

test('a role too low is told which one it takes; an unknown page is not found', async () => {
  const page = await server.page();
  await server.signIn(page, 'Ana', '/people');
  await page.waitForSelector('h1');
  assert.match(await page.locator('main').innerText(), /project lead/);
  await accessible(page, 'a role too low');
  await page.goto(`${server.site}/nowhere/at/all`);
  await page.waitForSelector('h1:has-text("Not found")');
  await accessible(page, 'not found');
  clean(page);
});
