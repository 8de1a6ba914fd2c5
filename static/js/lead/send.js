// @ts-check
// The requests behind Launch, and what the page shows while it runs.

import * as api from '../core/api.js';
import { bytes, number } from '../core/format.js';
import { Button } from '../ui/button.js';
import { html } from '../ui/html.js';
import { Bar, Notice } from '../ui/parts.js';
import { ImportBar } from './importing.js';
import { download } from './tile.js';
import { csvText } from './csv.js';
import { t } from './words.js';

/** @type {import('./launch.js').Requests['send']} */
const upload = (job, part, blob, progress, signal) => api.upload(part.kind === 'items'
  ? api.url`/jobs/${job}/items`
  : api.url`/jobs/${job}/files` + api.query({ name: part.name }), blob,
  { type: part.type, progress, signal });

/** @type {import('./launch.js').Requests} */
export const requests = {
  create: (body) => api.post('/jobs', body),
  send: (job, part, blob, progress, signal) => (part.kind === 'bucket'
    ? api.post(api.url`/jobs/${job}/imports`, { source: part.name }, { signal })
    : upload(job, part, blob, progress, signal)),
  readImport: (job, id) => api.get(api.url`/jobs/${job}/imports/${id}`),
  start: (job) => api.post(api.url`/jobs/${job}/start`),
  read: (job) => api.get(api.url`/jobs/${job}`),
  wait: (ms) => new Promise((resolve) => { setTimeout(resolve, ms); }),
};

/** `inJob`: the job's own page has the bars of its imports already. @param {{launch:
 *  import('./launch.js').Launch, inJob?: boolean}} props */
export function SendProgress({ launch, inJob }) {
  const many = launch.parts.length;
  const words = launch.phase === 'sending'
    ? t('send.sending', { done: launch.sentParts, all: many, sent: bytes(launch.bytes),
      of: bytes(launch.totalBytes) })
    : t(`send.${launch.phase}`);
  // The counts of a manifest are known when all of it is in; until then its bar says how far it is.
  const counted = launch.added + launch.repeated + launch.refused > 0;
  return html`<div class="send stack tight" role="status"><p><b>${words}</b></p>
    <${Bar} label=${words} total=${Math.max(1, launch.totalBytes)}
      parts=${[{ value: launch.phase === 'done' ? Math.max(1, launch.totalBytes)
        : launch.bytes }]} />
    ${launch.importing && !inJob && html`<${ImportBar} key=${launch.importing.id}
      view=${launch.importing} />`}
    ${(counted || !launch.importing) && html`<p class="meta">${t('send.counts',
      { added: launch.added, repeated: launch.repeated, refused: launch.refused })}</p>`}</div>`;
}

/** What the server did not take, line by line. @param {{launch: import('./launch.js').Launch, name:
 *  string}} props */
export function Refusals({ launch, name }) {
  if (!launch.refused) return null;
  const rows = launch.refusals.map((r) => [r.file, r.line ?? null, r.code, r.message]);
  const header = ['file', 'line', 'code', 'message'].map((k) => t(`send.r.${k}`));
  return html`<${Notice} kind="warn" role="alert">
    <strong>${t('send.refusedN', { n: launch.refused })}</strong><p>${t('send.refusedText')}</p>
    <ul class="plain line-errors">
      ${launch.refusals.slice(0,
        20).map((r) => html`<li class="wrap"><bdi>${r.file}</bdi>
          ${r.line !== undefined && ` · ${t('data.line', { line: number(r.line) })}`}: ${r.message}
            </li>`)}</ul>
    <div class="row"><${Button} icon="download"
      onclick=${() => download(`${name}-refused.csv`, csvText(header, rows))}>${t('send.list')}<//>
        </div><//>`;
}
