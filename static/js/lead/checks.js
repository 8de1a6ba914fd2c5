// @ts-check
// What doctor finds, in words. The quick checks come with the page; those that read the whole
// database are run when asked for.

import * as api from '../core/api.js';
import { announce } from '../core/announce.js';
import { Button } from '../ui/button.js';
import { Icon, html, useState } from '../ui/html.js';
import { Failed, Loading, useLoad } from '../ui/state.js';
import { toastError } from '../ui/toast.js';
import { t } from './words.js';

/** @type {{[level: string]: string}} */
const LOOKS = { ok: 'fine', warn: 'look', fail: 'stop' };

export function Checks() {
  const { data, error, reload, setData } = useLoad((signal) =>
    api.get('/doctor?quick=1', { signal }), []);
  const [busy, setBusy] = useState(false);
  const all = async () => {
    setBusy(true);
    try {
      const report = await api.get('/doctor');
      setData({ ...report, whole: true });
      announce(summary(report));
    } catch (problem) {
      toastError(problem);
    }
    setBusy(false);
  };
  return html`<section class="card stack" aria-labelledby="checks">
    <div class="row"><h2 id="checks" class="grow">${t('care.checks')}</h2>
      <${Button} icon="search" busy=${busy} onclick=${all}>${t('care.checkAll')}<//></div>
    ${error ? html`<${Failed} error=${error} retry=${reload} />`
      : !data ? html`<${Loading} lines=${4} />`
      : html`<p class="muted">${summary(data)}${' '}
          ${data.whole ? '' : t('care.quickOnly')}</p>
        <ul class="plain checks">${worstFirst(data.checks).map((c, i) =>
          html`<${Check} key=${`${c.what}-${i}`} one=${c} />`)}</ul>`}</section>`;
}

/** @param {{failures: number, warnings: number}} report */
function summary(report) {
  if (report.failures) return t('care.failures', { n: report.failures });
  return report.warnings ? t('care.warnings', { n: report.warnings }) : t('care.well');
}

/** @param {any[]} checks @returns {any[]} */
function worstFirst(checks) {
  const order = ['fail', 'warn', 'ok'];
  return [...checks].sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}

/** @param {{one: {what: string, level: string, found: string, advice?: string}}} props */
function Check({ one }) {
  return html`<li class=${`check-line ${LOOKS[one.level]}`}>
    <${Icon} name=${one.level === 'ok' ? 'check' : 'alert'} />
    <span class="grow wrap"><span class="unseen">${t(`care.levels.${one.level}`)} </span>
      <b>${one.what}:</b> ${one.found}
      ${one.advice && html`<br /><span>${t('care.advice', { advice: one.advice })}</span>`}</span></li>`;
}
