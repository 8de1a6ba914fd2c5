// @ts-check
// One item among others: as a tile or as a line. Both are links to the item.

import { number, percent } from '../core/format.js';
import { Icon, cx, html, useState } from '../ui/html.js';
import { Swatch } from '../ui/parts.js';
import { t } from './words.js';

/** The label of an item with where it is from, in words. @param {{item: any, job: any}} props */
export function ItemLabel({ item, job }) {
  if (item.state === 'failed') return html`<span class="item-label bad"><${Icon} name="alert" />
    ${t('items.states.failed')}</span>`;
  if (!item.label) return html`<span class="item-label muted">
    ${t(`items.states.${item.state}`)}</span>`;
  const index = job.labels.findIndex((/** @type {any} */ l) => l.name === item.label);
  return html`<span class=${cx('item-label', item.origin === 'provisional' && 'guess')}>
    <${Swatch} index=${Math.max(0, index)} color=${job.labels[index]?.color} />
      <bdi class="clip">${item.label}</bdi></span>`;
}

/** @param {any} item */
export function originWords(item) {
  if (!item.origin) return item.answers ? t('items.answers', { n: item.answers }) : '';
  const sure = item.posterior === undefined ? '' : ` ${percent(item.posterior)}`;
  return t(`items.short.${item.origin}`) + sure;
}

/** @param {any} item */
const name = (item) => t('items.name', { line: number(item.line + 1) });

/** @param {{item: any, job: any, href: string, index: number, focus: boolean, chosen: boolean}}
 *  props */
export function ItemTile({ item, job, href, index, focus, chosen }) {
  return html`<a class=${cx('item-tile', chosen && 'chosen')} href=${href} data-at=${index}
    tabindex=${focus ? 0 : -1}
    aria-current=${chosen ? 'true' : undefined}>
    ${item.media ? html`<${Thumb} src=${item.media.preview} />`
      : html`<span class="item-text wrap" dir="auto">${item.text ?? item.failure ?? ''}</span>`}
    <span class="item-foot"><span class="unseen">${name(item)}, </span>
      <${ItemLabel} item=${item} job=${job} />
      <span class="meta item-origin">${originWords(item)}</span></span></a>`;
}

/** @param {{item: any, job: any, href: string, index: number, focus: boolean, chosen: boolean}}
 *  props */
export function ItemLine({ item, job, href, index, focus, chosen }) {
  return html`<a class=${cx('item-line', chosen && 'chosen')} href=${href} data-at=${index}
    tabindex=${focus ? 0 : -1}
    aria-current=${chosen ? 'true' : undefined}>
      <span class="meta item-number" aria-label=${name(item)}>${number(item.line + 1)}</span>
    ${item.media && html`<${Thumb} src=${item.media.preview} />`}
    <span class="item-clip" dir="auto">
      ${item.media ? item.key ?? name(item) : item.text ?? item.failure ?? ''}</span>
    <span class="item-tail"><${ItemLabel} item=${item} job=${job} />
      <span class="meta item-origin">${originWords(item)}</span></span></a>`;
}

/** A picture that may be missing. @param {{src: string}} props */
function Thumb({ src }) {
  const [lost, setLost] = useState(false);
  return html`<span class="thumb">${lost ? html`<span class="meta">${t('items.noPicture')}</span>`
    : html`<img src=${src} alt="" loading="lazy" decoding="async" draggable=${false}
      onError=${() => setLost(true)} />`}</span>`;
}
