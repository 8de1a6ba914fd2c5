// @ts-check
// Backups of the whole server: how the schedule is doing, what there is, one more now.

import * as api from '../core/api.js';
import { announce } from '../core/announce.js';
import { ago, bytes, dateTime } from '../core/format.js';
import { Button, IconButton, LinkButton } from '../ui/button.js';
import { confirm } from '../ui/dialog.js';
import { html, useEffect, useState } from '../ui/html.js';
import { Badge, Notice } from '../ui/parts.js';
import { Failed, Loading, useLoad } from '../ui/state.js';
import { toast, toastError } from '../ui/toast.js';
import { t } from './words.js';

const ASK_AGAIN_MS = 1000;

export function Backups() {
  const { data, error, reload } = useLoad((signal) => api.get('/backups', { signal }), []);
  const [busy, setBusy] = useState(false);
  const [mine, setMine] = useState('');
  const list = /** @type {any[]} */ (data?.backups ?? []);
  const running = list.some((b) => b.state === 'running');
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(reload, ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [running]);
  useEffect(() => {   // the one that was asked for here has ended
    const one = list.find((b) => b.id === mine);
    if (!one || one.state === 'running') return;
    setMine('');
    if (one.state === 'done') announce(t('care.made'));
    else toast(one.message, { kind: 'bad' });
  }, [data]);
  const make = async () => {
    setBusy(true);
    try {
      setMine((await api.post('/backups', { compression: 'zstd' })).id);
      reload();
    } catch (problem) {
      toastError(problem);
    }
    setBusy(false);
  };
  return html`<section class="card stack" aria-labelledby="backups">
    <div class="row"><h2 id="backups" class="grow">${t('care.backups')}</h2>
      <${Button} kind="main" icon="copy" busy=${busy || Boolean(mine)} onclick=${make}>
        ${t('care.now')}<//></div>
    ${error ? html`<${Failed} error=${error} retry=${reload} />`
      : !data ? html`<${Loading} lines=${2} />`
      : html`<${Schedule} set=${data.schedule} />
        ${list.length ? html`<ul class="plain stack" aria-labelledby="backups">${list.map((b) =>
          html`<${Backup} key=${b.id} one=${b} gone=${reload} />`)}</ul>`
          : html`<p class="muted">${t('care.none')}</p>`}`}</section>`;
}

/** @param {{set: any}} props */
function Schedule({ set }) {
  if (!set.to) return html`<${Notice} kind="warn">${t('care.noSchedule')}<//>`;
  return html`<p class="wrap">${t('care.schedule', { to: set.to, hours: set.every_hours,
      n: set.keep })}${' '}
    ${set.last_success ? t('care.last', { when: dateTime(set.last_success),
      ago: ago(set.last_success) }) : t('care.never')}${' '}
    ${set.next && !set.failing ? t('care.next', { when: dateTime(set.next) }) : ''}</p>
    ${set.failing && html`<${Notice} kind="bad" role="alert">
      <strong>${t('care.failing', { when: dateTime(set.last_failure) })}</strong>${' '}
      ${set.failure}<//>`}`;
}

/** @param {{one: any, gone: () => void}} props */
function Backup({ one, gone }) {
  const kind = one.state === 'done' ? 'ok' : one.state === 'failed' ? 'bad' : 'accent';
  const when = dateTime(one.created);
  const remove = async () => {
    if (one.state === 'done' && !await confirm({ title: t('care.removeTitle', { when }),
      text: t('care.removeText', { name: one.id }), ok: t('care.remove'), danger: true })) return;
    try {
      await api.del(api.url`/backups/${one.id}`);
      gone();
    } catch (problem) {
      toastError(problem);
    }
  };
  return html`<li class="card past-export">
    <div class="grow stack tight"><div class="row"><b>${when}</b>
        <${Badge} kind=${kind}>${t(`care.states.${one.state}`)}<//>
        ${one.verified && html`<${Badge} kind="ok">${t('care.verified')}<//>`}
        <span class="meta">${t(`care.kinds.${one.kind}`)}</span></div>
      <p class="muted wrap" role=${one.state === 'running' ? 'status' : undefined}>
        ${bytes(one.bytes)} · <bdi>${one.id}</bdi></p>
      ${one.message && html`<p class="bad wrap">${one.message}</p>`}</div>
    ${one.url && html`<${LinkButton} icon="download" href=${one.url} download=${one.id}
      aria-label=${t('care.downloadOf', { when })}>${t('care.download')}<//>`}
    ${one.state === 'running' ? html`<i class="spin" aria-hidden="true" />`
      : html`<${IconButton} icon="trash" label=${t('care.removeOf', { when })}
        onclick=${remove} />`}</li>`;
}
