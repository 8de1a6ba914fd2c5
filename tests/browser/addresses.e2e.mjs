// From where annotators are let in: the sentence on the pages, and answers that wait meanwhile.

import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Server, accessible, clean, nextTask, until } from './server.mjs';

const SENTENCE = /not let in from this network address/;
const HOME = { extraHTTPHeaders: { 'X-Forwarded-For': '10.0.0.7' } };
let server;
let key;
before(async () => {
  server = await Server.start();
  await server.person('Ana');
  key = await server.admin.post('/keys', { name: 'aws' });
});
after(() => server?.stop());

const TYPE = 'application/x-amz-json-1.1';

/** Signature Version 4 with these four headers. */
function authorization(host, date, target, body) {
  const sha = (text) => createHash('sha256').update(text).digest('hex');
  const mac = (secret, text) => createHmac('sha256', secret).update(text).digest();
  const names = 'content-type;host;x-amz-date;x-amz-target';
  const scope = `${date.slice(0, 8)}/us-east-1/sagemaker/aws4_request`;
  const canonical = `POST\n/\n\ncontent-type:${TYPE}\nhost:${host}\nx-amz-date:${date}\nx-amz-target:${target}\n\n${names}\n${sha(body)}`;
  const secret = scope.split('/').reduce(mac, `AWS4${key.secret_access_key}`);
  const signature = mac(secret, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha(canonical)}`).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=${key.access_key_id}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}

/** As an AWS client does it. @param {...string} cidrs */
async function allow(...cidrs) {
  const body = JSON.stringify({ WorkforceName: 'default', SourceIpConfig: { Cidrs: cidrs } });
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const target = 'SageMaker.UpdateWorkforce';
  const reply = await fetch(`${server.base}/`, { method: 'POST', body, headers: {
    'Content-Type': TYPE, 'X-Amz-Date': date, 'X-Amz-Target': target,
    Authorization: authorization(new URL(server.base).host, date, target, body) } });
  assert.equal(reply.status, 200, await reply.text());
}

test('the sign-in page says why, and a lead comes in', async () => {
  await allow('10.0.0.0/8');
  const page = await server.page();
  await page.goto(`${server.site}/login`);
  await page.fill('input[name=username]', 'Ana');
  await page.fill('input[name=password]', 'correct horse battery');
  await page.click('button[type=submit]');
  await page.getByRole('alert').filter({ hasText: SENTENCE }).waitFor();
  await server.signIn(page, 'Ada');
  clean(page);
});

test('a link for an annotator says why instead of asking for a password', async () => {
  const { url } = await server.admin.post('/invitations', { role: 'annotator' });
  const page = await server.page();
  await page.goto(url.replace(server.base, server.site));
  await page.getByRole('alert').filter({ hasText: SENTENCE }).waitFor();
  assert.equal(await page.locator('input[name=password]').count(), 0);
  await accessible(page, 'a link from elsewhere');
  clean(page);
});

test('answers wait while the computer is elsewhere, and a reload shows the sentence', async () => {
  await server.textJob('away', 6);
  const page = await server.page(HOME);
  await server.signIn(page, 'Ana', '/label/away');
  await nextTask(page);
  await allow('192.0.2.0/24');
  const refused = page.waitForResponse((r) => /answers$/.test(r.url()) && r.status() === 404);
  await page.keyboard.press('1');
  await refused;
  const other = await server.tab(page.context());
  await other.goto(`${server.site}/tasks`);
  await other.getByRole('alert').filter({ hasText: SENTENCE }).waitFor();
  assert.equal(new URL(other.url()).pathname, '/login');
  await other.close();
  await allow('192.0.2.0/24', '10.0.0.0/8');
  await until(async () => (await server.answers('away')).length === 1, 'the answer that waited');
  clean(page);
});
