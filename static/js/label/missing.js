// @ts-check
// In place of a picture that is not there: not now (it is tried again by itself), or not any more.

import { announce } from '../core/announce.js';
import { number } from '../core/format.js';
import { t } from '../core/i18n.js';
import { Button } from '../ui/button.js';
import { html, useEffect, useState } from '../ui/html.js';
import { Empty } from '../ui/state.js';

/** What is wrong: 'waits', 'gone', 'broken'. @param {any} error */
export const missingKind = (error) => (error.passing ? 'waits'
  : error.status === 404 ? 'gone' : 'broken');

/** @param {{error: any, next: number, k: (id: string) => string, onagain: () => void,
 *  onskip: (reason?: string) => void}} props next: when it is tried again (performance.now());
 *  onskip without a reason asks for one */
export function Missing({ error, next, k, onagain, onskip }) {
  const [, tick] = useState(0);
  const kind = missingKind(error);
  const waits = kind === 'waits';
  useEffect(() => { announce(t(`label.${kind}`), { urgent: true }); }, [kind]);
  useEffect(() => {
    if (!waits) return undefined;
    const timer = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, [waits]);
  const left = Math.ceil((next - performance.now()) / 1000);
  const actions = waits
    ? html`<${Button} kind="main" icon="retry" keys=${k('submit')} onclick=${onagain}>
        ${t('label.tryNow')}<//>
      <${Button} icon="skip" keys=${k('skip')} onclick=${() => onskip()}>${t('label.skip')}<//>`
    : html`<${Button} kind="main" onclick=${() => onskip('broken')}>${t('label.reportBroken')}<//>
      <${Button} onclick=${() => onskip('other')}>${t('label.skipOnly')}<//>`;
  return html`<div class="no-task"><${Empty} icon=${waits ? 'clock' : 'alert'} title=${t(`label.${kind}`)}
    actions=${actions}><span class="why" dir="auto" title=${error.message}>
      ${error.message}</span>
    ${waits && html`<span>${t('label.waitsText')}</span> <span aria-hidden="true">
      ${left > 0 ? t('label.waitsLeft', { left: number(left) }) : t('label.waitsNow')}</span>`}<//></div>`;
}
