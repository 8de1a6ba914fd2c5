// @ts-check
// What stands around the task: the bar on top, the action bar, and what is said when there is none.

import { clock, duration, percent } from '../core/format.js';
import { t } from '../core/i18n.js';
import { hint } from '../core/keys.js';
import { online, preferences, storage, stuck, waiting, waitingKey } from '../core/store.js';
import { Button, IconButton, LinkButton } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Icon, cx, html, useEffect, useState } from '../ui/html.js';
import { Menu } from '../ui/menu.js';
import { Empty, Loading } from '../ui/state.js';
import { LabelName } from './labels.js';

/** @typedef {import('./flow.js').Flow} Flow */

/** Where the answers are: three different words for three different truths. @param {{flow: Flow}} props */
function Status({ flow }) {
  const n = waiting.value;
  const { word, at } = flow.kept.value;
  let [kind, icon, text] = ['', 'check', t('status.ready')];
  if (n) [kind, icon, text] = [online.value && !stuck.value ? '' : 'warn', 'clock', t(waitingKey(), { n })];
  else if (!online.value) [kind, icon, text] = ['warn', 'alert', t('status.unreached')];
  else if (word === 'sent') [kind, icon, text] = ['ok', 'check', t('status.sent', { at: clock(at) })];
  else if (word === 'kept' && storage.value) [icon, text] = ['inbox', t('status.kept', { at: clock(at) })];
  const warn = !storage.value ? t('status.noStorage') : '';
  return html`<span class=${cx('status', warn ? 'warn' : kind)} title=${warn || undefined}><${Icon}
    name=${warn ? 'alert' : icon} /><span class="status-words">${warn ? `${warn} · ${text}` : text}</span></span>`;
}

/** The time on this task, for those who want to see it. @param {{flow: Flow}} props */
function Timer({ flow }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return html`<span class="meta timer"><${Icon} name="clock" />${duration(flow.time.now() - flow.time.began)}</span>`;
}

/** @param {{flow: Flow, guideOpen: boolean, scale: number, surface: any, onguide: () => void, onhelp: () => void,
 *  onskip: (reason: string) => void}} props */
export function TaskBar({ flow, guideOpen, scale, surface, onguide, onhelp, onskip }) {
  const slot = flow.current.value;
  const keys = preferences.value.keys ?? {};
  const image = flow.kind.surface === 'image';
  const menu = [
    ...(image ? [
      { label: t('keys.action.zoomIn'), icon: 'zoomin', keys: hint('zoomIn', keys), run: () => surface?.command('zoomIn') },
      { label: t('keys.action.zoomOut'), icon: 'zoomout', keys: hint('zoomOut', keys), run: () => surface?.command('zoomOut') },
      { label: t('keys.action.view'), icon: 'fit', keys: hint('view', keys), run: () => surface?.command('view') }, null] : []),
    { label: t('label.reportBroken'), icon: 'alert', disabled: !slot, run: () => onskip('broken') },
    { label: t('label.release'), icon: 'back', disabled: !slot, run: () => flow.release() },
    null,
    { label: t('nav.me'), icon: 'settings', href: '/me' },
    { label: t('label.leave'), icon: 'out', href: '/tasks' },
  ];
  return html`<header class="taskbar"><a class="skip" href="#task">${t('label.skipTask')}</a>
    ${slot && html`<a class="skip" href="#answer">${t('label.skipAnswer')}</a>`}
    <a class="btn quiet square" href="/tasks" aria-label=${t('label.leave')} title=${t('label.leave')}><${Icon} name="back" /></a>
    <h1 class="task-title clip" id="task-heading" tabindex="-1"><bdi>${flow.guide.title}</bdi>
      ${slot && html`<span class="meta"> · ${t('label.item', { n: String(slot.task.line + 1) })}</span>`}</h1>
    <span class="meta counter">${t('label.done', { n: Math.max(0, flow.count.value - (slot ? 1 : 0)) })}</span>
    <${Status} flow=${flow} />
    ${preferences.value.timer && slot && html`<${Timer} flow=${flow} />`}
    <span class="taskbar-end">
      ${image && slot && scale > 0 && html`<span class="zoom">
        <${IconButton} icon="zoomout" label=${t('keys.action.zoomOut')} keys=${hint('zoomOut', keys)} onclick=${() => surface?.command('zoomOut')} />
        <button type="button" class="btn quiet zoom-value" title=${`${t('keys.action.view')} (${hint('view', keys)})`}
          onClick=${() => surface?.command('view')}>${percent(scale)}</button>
        <${IconButton} icon="zoomin" label=${t('keys.action.zoomIn')} keys=${hint('zoomIn', keys)} onclick=${() => surface?.command('zoomIn')} />
      </span>`}
      <${Button} kind="quiet" icon="guide" pressed=${guideOpen} keys=${hint('guide', keys)} onclick=${onguide}><span class="wide-only">${t('label.guide')}</span><//>
      <${IconButton} icon="help" label=${t('nav.helpKeys')} keys="?" onclick=${onhelp} />
      <${Menu} label=${t('label.more')} items=${menu} />
    </span></header>`;
}

/** @param {{flow: Flow, choices: import('./labels.js').Choice[], missing: boolean, advance: boolean,
 *  k: (id: string) => string, onsubmit: () => void, onskip: () => void, oncomment: () => void}} props */
export function ActionBar({ flow, choices, missing, advance, k, onsubmit, onskip, oncomment }) {
  const slot = flow.current.value;
  const last = flow.history.value.at(-1);
  const picked = flow.picked.value;
  const words = missing && picked === null ? html`<span class="bad"><${Icon} name="alert" />${t('label.needs')}</span>`
    : last ? html`<span class="last">${last.kind === 'skip' ? t('label.lastSkip') : t('label.last')}
      ${' '}<${LabelName} choices=${choices} name=${last.label} /></span>`
      : html`<span class="muted">${advance ? t('label.howOn') : t('label.howG')}</span>`;
  return html`<footer class="actions">
    <${Button} icon="undo" keys=${k('undo')} disabled=${!last && picked === null} onclick=${() => flow.undo()}>
      <span class="act-words">${picked !== null && picked !== (slot?.task.answer?.label ?? null) ? t('label.undo') : t('label.takeBack')}</span><//>
    <${Button} icon="skip" keys=${k('skip')} disabled=${!slot} onclick=${onskip}><span class="act-words">${t('label.skip')}</span><//>
    <${Button} icon="comment" keys=${k('comment')} disabled=${!slot} onclick=${oncomment}
      pressed=${flow.comment.value ? true : undefined}><span class="act-words">${t('label.comment')}</span><//>
    <span class="action-note">${words}</span>
    <${Button} kind="main" keys=${k('submit')} disabled=${!slot} onclick=${onsubmit}>${t('label.submit')}<//>
  </footer>`;
}

/** The lease runs out: one key keeps the task. @param {{flow: Flow, keys: string}} props */
export function LeaseWarning({ flow, keys }) {
  const left = flow.warning.value;
  if (left === null || !flow.current.value) return null;
  return html`<div class="lease-warning strip warn" role="alert"><${Icon} name="clock" />
    <span class="grow">${left > 0 ? t('label.leaseLow', { left: duration(left) }) : t('label.leaseOver')}</span>
    <${Button} keys=${keys} onclick=${() => flow.leases.extendAll()}>${t('label.leaseKeep')}<//></div>`;
}

/** @param {{kind: string, reason?: string, onagain?: () => void}} props */
export function NoTask({ kind, reason, onagain }) {
  if (kind === 'loading') return html`<div class="no-task"><${Loading} lines=${4} line /></div>`;
  const known = ['none_left', 'waiting', 'paused', 'ended', 'offline', 'unstored'].includes(kind) ? kind : 'failed';
  return html`<div class="no-task"><${Empty} icon=${known === 'none_left' ? 'check' : 'inbox'} title=${t(`none.${known}`)}
    actions=${html`<${LinkButton} kind="main" href="/tasks">${t('label.leave')}<//>
      <${Button} icon="retry" onclick=${onagain}>${t('none.look')}<//>`}>
    ${t(`none.${known}Text`)}${known === 'failed' && reason ? ` ${reason}` : ''}<//></div>`;
}

/** Two drafts of one task, each with work the other lacks. @param {{flow: Flow}} props */
export function DraftQuestion({ flow }) {
  const ask = flow.ask.value;
  if (!ask) return null;
  const show = (/** @type {any} */ value) => value?.label ?? t('draft.nothing');
  return html`<${Dialog} title=${t('draft.title')} look="slim" onclose=${() => flow.useDraft(ask.local)}>
    <div class="stack"><p>${t('draft.text')}</p>
      <${Button} onclick=${() => flow.useDraft(ask.local)}>${t('draft.here', { what: show(ask.local) })}<//>
      <${Button} onclick=${() => { flow.useDraft(ask.server); flow.change({}); }}>${t('draft.there', { what: show(ask.server) })}<//>
    </div><//>`;
}

