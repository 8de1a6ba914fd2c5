// @ts-check
// The wizard's last step: what is missing, each with a way to mend it; then making the job.

import { number, percent } from '../core/format.js';
import { navigate } from '../core/router.js';
import { Button, LinkButton } from '../ui/button.js';
import { Failed } from '../ui/state.js';
import { Icon, cx, html, useEffect, useRef, useState } from '../ui/html.js';
import { toast } from '../ui/toast.js';
import { draftProblems, itemCount } from './draft.js';
import { dropDraft, fileOf } from './keep.js';
import { Launch, partsOf } from './launch.js';
import { Refusals, requests, SendProgress } from './send.js';
import { t } from './words.js';

/** @type {Record<string, import('./draft.js').Step>} where a field of a refused request is mended */
const FIELD_STEPS = { source: 'data', output: 'quality', description: 'guide',
  availability_seconds: 'quality' };

/** @param {{draft: import('./draft.js').Draft, change: (some: Partial<import('./draft.js').Draft>)
 *  => void}} props */
export function CheckStep({ draft, change }) {
  const [, draw] = useState(0);
  const launch = useRef(/** @type {Launch | null} */ (null));
  useEffect(() => () => launch.current?.stop(), []);
  const missing = draft.files.filter((f) => !fileOf(f.name)
    && !draft.sent.includes(`${f.name}:${f.size}`)).map((f) => f.name);
  const problems = draftProblems(draft, { missing });
  const stops = problems.filter((p) => p.level === 'stop');
  const finish = async () => {
    const one = /** @type {Launch} */ (launch.current);
    if (one.phase !== 'done') return;
    await dropDraft();
    toast(t('check.started', { title: draft.title }), { kind: 'ok' });
    navigate(`/jobs/${encodeURIComponent(one.job)}`, { replace: true });
  };
  const go = async () => {
    launch.current = new Launch(draft, partsOf(draft, fileOf), requests, change,
      () => draw((/** @type {number} */ n) => n + 1));
    await launch.current.go();
    const { error, phase } = launch.current;
    // What the server refuses of an address is shown at its field, as long as it holds that.
    const value = { source: draft.bucket, output: draft.output }[String(error?.field)];
    if (phase === 'failed' && value) change({ refused: [error.field, value, error.message] });
    await finish();
  };
  const anyway = async () => {
    await launch.current?.start();
    await finish();
  };
  const now = launch.current;
  const busy = Boolean(now && ['creating', 'sending', 'starting', 'done'].includes(now.phase));
  return html`<div class="stack wide">
    <ul class="plain checks">
      ${problems.map((p) => html`<li class=${cx('check-line', p.level)}>
        <${Icon} name=${p.level === 'stop' ? 'alert' : 'info'} />
        <span class="grow wrap">
          <b>${t(`wizard.${p.step}`)}:</b> ${t(`check.${p.code}`,
            /** @type {any} */ (p.params ?? {}))}</span>
        <${LinkButton} href=${`/jobs/new/${p.step}`}>
          ${t(p.level === 'stop' ? 'check.fix' : 'check.look')}
            <span class="unseen"> ${t(`wizard.${p.step}`)}</span><//></li>`)}
      ${!stops.length && html`<li class="check-line fine"><${Icon} name="check" />
        <span>${t('check.fine')}</span></li>`}</ul>
    <${Summary} draft=${draft} />
    ${now && now.phase !== 'idle' && html`<${SendProgress} launch=${now} />`}
    ${now && html`<${Refusals} launch=${now} name=${draft.name} />`}
    ${now?.phase === 'failed' && html`<${Failed} error=${now.error} />
      <div class="row"><p class="muted">${t(now.job ? 'check.keptJob' : 'check.kept')}</p>
      ${(now.error?.code === 'job.name_taken' || now.error?.field === 'name')
        && html`<${LinkButton} href="/jobs/new/task">${t('check.fixName')}<//>`}
      ${FIELD_STEPS[now.error?.field]
        && html`<${LinkButton} href=${`/jobs/new/${FIELD_STEPS[now.error.field]}`}>
          ${t('check.fix')}<//>`}</div>`}
    <div class="row">${now?.phase === 'refused'
      ? html`<${Button} kind="main" big onclick=${anyway}>${t('check.anyway')}<//>
        <${LinkButton} href="/jobs/new/data" big>${t('check.backToData')}<//>`
      : html`<${Button} kind="main" big icon=${now?.phase === 'failed' || draft.job ? 'retry'
        : 'play'} busy=${busy} disabled=${stops.length > 0} onclick=${go}>
        ${t(now?.phase === 'failed' || (draft.job && !busy) ? 'check.again' : 'check.go')}<//>`}
      ${stops.length > 0 && html`<span class="muted">${t('check.stops', { n: stops.length })}
        </span>`}</div></div>`;
}

/** What will be made, in a few lines. @param {{draft: import('./draft.js').Draft}} props */
function Summary({ draft }) {
  const items = itemCount(draft);
  const about = draft.files.some((f) => f.partial);
  const uri = draft.bucket.trim();
  const here = about ? t('check.itemsAbout', { n: items }) : t('check.items', { n: items });
  const rows = [['data', [(items || !uri) && here, uri].filter(Boolean).join(' · ')],
    ['task', `${draft.title || '–'}${draft.type ? ` · ${t(`job.type.${draft.type}`)}` : ''}`],
    ['labels', draft.labels.length
      ? `${number(draft.labels.length)}: ${draft.labels.slice(0,
        8).map((l) => l.name).join(', ')}${draft.labels.length > 8 ? ' …' : ''}` : '–'],
    ['people', draft.everybody ? t('crew.all')
      : t('crew.chosen', { n: draft.people.length + draft.teams.length })],
    ['quality', `${t('check.perItem', { n: draft.annotators })} · ${draft.autoLabel
      ? t('check.autoOn', { share: percent(draft.target / 100, 1) }) : t('check.autoOff')}${
      draft.output.trim() && ` · ${draft.output.trim()}`}`]];
  return html`<dl class="card summary">
    ${rows.map(([step, text]) =>
      html`<div><dt>${t(`wizard.${step}`)}</dt><dd class="wrap" dir="auto">${text}</dd></div>`)}
        </dl>`;
}
