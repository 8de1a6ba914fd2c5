// @ts-check
// The instructions of the job, docked beside the task; never a window over it.

import { t } from '../core/i18n.js';
import { Badge } from '../ui/parts.js';
import { IconButton } from '../ui/button.js';
import { html } from '../ui/html.js';
import { Markdown } from '../ui/md.js';
import { Swatch } from '../ui/parts.js';

/** @param {{guide: import('../types.js').Guide, choices: import('./labels.js').Choice[], changed: boolean,
 *  keys: string, onclose: () => void}} props changed: since this person last read it */
export function GuidePanel({ guide, choices, changed, keys, onclose }) {
  const told = choices.filter((c) => c.description);
  return html`<aside class="guide" aria-label=${t('label.guide')}>
    <div class="panel-head"><h2>${t('label.guide')}</h2>
      ${changed && html`<${Badge} kind="warn">${t('label.guideChanged')}<//>`}
      <${IconButton} icon="close" label=${t('label.guideClose')} keys=${keys} onclick=${onclose} /></div>
    <div class="guide-text" tabindex="0" role="region" aria-label=${t('label.guideText')}>
      ${guide.description && html`<p class="guide-about" dir="auto">${guide.description}</p>`}
      ${guide.instructions ? html`<${Markdown} text=${guide.instructions} />`
        : !guide.description && html`<p class="muted">${t('label.guideNone')}</p>`}
      ${told.length > 0 && html`<h3>${t('label.labels')}</h3><dl class="guide-labels">${told.map((c) => html`
        <dt><${Swatch} index=${c.index} color=${c.color} /><bdi>${c.name}</bdi></dt>
        <dd dir="auto">${c.description}</dd>`)}</dl>`}
    </div></aside>`;
}
