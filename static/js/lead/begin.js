// @ts-check
// The overview of a job that has not been started: what there is, and what to do next.

import { html } from '../ui/html.js';
import { Notice, Stat } from '../ui/parts.js';
import { LinkButton } from '../ui/button.js';
import { number } from '../core/format.js';
import { AddItems } from './additems.js';
import { t } from './words.js';

/** @param {{job: any}} props */
export function FirstSteps({ job }) {
  const c = job.counts;
  return html`<div class="stack wide">
    <${Notice}>${c.total ? t('begin.ready') : t('begin.noItems')}<//>
    <div class="stats"><${Stat} value=${number(c.total)} label=${t('dash.items')} />
      <${Stat} value=${number(job.labels.filter((/** @type {any} */ l) => !l.hidden).length)}
        label=${t('dash.labels')} />
      ${c.failed > 0 && html`<${Stat} value=${number(c.failed)} label=${t('dash.failed')} />`}</div>
    <section class="card stack"><h2>${t('begin.add')}</h2><${AddItems} job=${job} /></section>
    <div class="row"><${LinkButton} href=${`/jobs/${encodeURIComponent(job.id)}/settings`}
      icon="settings">${t('begin.settings')}<//></div></div>`;
}
