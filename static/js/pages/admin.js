// @ts-check
// The server in words: is it ready, which version, how much is in it, what doctor finds, its backups.
// Further figures are in /metrics.

import * as api from '../core/api.js';
import { bytes, number, span } from '../core/format.js';
import { Button } from '../ui/button.js';
import { Icon, html } from '../ui/html.js';
import { Stat } from '../ui/parts.js';
import { Failed, Loading, Page, useLoad } from '../ui/state.js';
import { Backups } from '../lead/backups.js';
import { Checks } from '../lead/checks.js';
import { readMetrics, total } from '../lead/metrics.js';
import { t } from '../lead/words.js';

/** Some text of this server; null when it cannot be had. @param {string} path @param {AbortSignal}
 *  signal */
async function text(path, signal) {
  try {
    const response = await fetch(path, { signal, cache: 'no-store', credentials: 'same-origin' });
    return { status: response.status, body: await response.text() };
  } catch {
    return { status: 0, body: '' };
  }
}

/** Why the server takes no work, as /readyz says it; '' when it says nothing.
 *  @param {{status: number, body: string}} probe */
function reason({ status, body }) {
  if (status === 200) return '';
  try {
    return String(JSON.parse(body).message ?? '');
  } catch {
    return '';
  }
}

/** @param {any} _props */
export function page(_props) {
  const { data, error, loading, reload } = useLoad(async (signal) => {
    const [setup, health, ready, metrics] = await Promise.all([api.get('/setup', { signal }),
      text('/healthz', signal), text('/readyz', signal), text('/metrics', signal)]);
    return { setup, health, ready, metrics: metrics.status === 200 ? readMetrics(metrics.body)
      : null };
  }, []);
  return html`<${Page} title=${t('admin.title')}
    actions=${html`<${Button} icon="retry" busy=${loading && Boolean(data)} onclick=${reload}>
      ${t('frame.reload')}<//>`}>
    ${error ? html`<${Failed} error=${error} retry=${reload} />` : !data ? html`<${Loading} /> `
      : html`<div class="stack wide">
      <section class="card stack" aria-labelledby="probes"><h2 id="probes">${t('admin.health')}</h2>
        <ul class="plain checks">
        ${[['health', data.health],
          ['ready', data.ready]].map(([name,
            probe]) => { const ok = /** @type {any} */ (probe).status === 200;
          return html`<li class=${`check-line ${ok ? 'fine' : 'stop'}`}>
            <${Icon} name=${ok ? 'check' : 'alert'} />
              <span class="grow"><b>${t(`admin.${name}`)}:</b> ${t(ok ? `admin.${name}Ok`
                : name === 'ready' && reason(data.ready) ? 'admin.readyWhy' : `admin.${name}Bad`,
              { reason: reason(data.ready) })}</span></li>`; })}
        ${faults(data.metrics)}</ul></section>
      <section class="card stack" aria-labelledby="about"><h2 id="about">${t('admin.about')}</h2>
        <div class="stats"><${Stat} value=${data.setup.version ?? '–'}
          label=${t('admin.version')} />${figures(data.metrics)}</div>
        ${!data.metrics && html`<p class="muted">${t('admin.noMetrics')}</p>`}</section>
      <${Checks} /><${Backups} /></div>`}<//>`;
}

/** @param {ReturnType<typeof readMetrics> | null} metrics */
function faults(metrics) {
  if (!metrics) return null;
  const all = total(metrics, 'plumbline_http_requests_total');
  if (all === undefined) return null;
  const bad = total(metrics, 'plumbline_http_requests_total',
    (l) => /^5/.test(l.code ?? l.status ?? '')) ?? 0;
  return html`<li class=${`check-line ${bad ? 'look' : 'fine'}`}>
    <${Icon} name=${bad ? 'alert' : 'check'} />
      <span class="grow"><b>${t('admin.requests')}:</b> ${t(bad ? 'admin.requestsBad'
        : 'admin.requestsOk', { n: bad, all })}</span></li>`;
}

/** @param {ReturnType<typeof readMetrics> | null} metrics */
function figures(metrics) {
  if (!metrics) return null;
  const started = total(metrics, 'process_start_time_seconds');
  /** @type {[string, number | undefined, (n: number) => string][]} */
  const all = [['up', started === undefined ? undefined : Date.now() - started * 1000, span],
    ['jobs', total(metrics, 'plumbline_jobs'), number],
      ['items', total(metrics, 'plumbline_items'), number],
    ['answers', total(metrics, 'plumbline_current_answers'), number],
      ['database', total(metrics, 'plumbline_database_bytes'), bytes],
    ['blobs', total(metrics, 'plumbline_blob_bytes'), bytes],
      ['memory', total(metrics, 'process_resident_memory_bytes'), bytes]];
  return all.filter(([, n]) => n !== undefined).map(([name, n, words]) =>
    html`<${Stat} key=${name} value=${words(/** @type {number} */ (n))}
      label=${t(`admin.f.${name}`)} />`);
}
