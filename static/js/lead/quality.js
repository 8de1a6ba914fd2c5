// @ts-check
// How carefully and how far by machine: answers per item, how they are merged, auto-labelling with
// its target, limits. Used by the wizard and by the settings.

import { percent } from '../core/format.js';
import { CheckField, NumberField, RadioGroup, SelectField } from '../ui/field.js';
import { html } from '../ui/html.js';
import { Notice } from '../ui/parts.js';
import { t } from './words.js';

/** @typedef {{annotators: number, consolidation: string, autoAdvance: boolean, autoLabel: boolean,
 *  target: number,
 *  maxHuman: number|null, maxShare: number|null, lease: number, open: number, availability:
 *  number|null}} Quality */

/**
 * @param {{value: Quality, onchange: (change: Partial<Quality>) => void, problems?: string[],
 *  part?: 'answers'|'auto'|'limits'|'stop'}} props
 *  problems: codes of what is wrong; part: only one of the four
 */
export function QualityFields({ value: v, onchange, problems = [], part }) {
  const wrong = (/** @type {string} */ code) => (problems.includes(code) ? t(`check.${code}`) : '');
  const number = (/** @type {number|null} */ n) => (n === null ? NaN : n);
  const answers = html`<div class="stack wide">
    <${NumberField} label=${t('quality.annotators')} hint=${t('quality.annotatorsHint')} min=${1}
      max=${9} step=${1} class="input short" error=${wrong('annotators')}
      value=${shown(v.annotators)}
        onvalue=${(/** @type {number|null} */ n) => onchange({ annotators: number(n) })} />
    ${v.annotators > 1 && html`<${SelectField} label=${t('quality.merge')}
      hint=${t(`quality.mergeHint.${v.consolidation}`)} value=${v.consolidation}
      onvalue=${(/** @type {string} */ consolidation) => onchange({ consolidation })}
        options=${['em', 'majority', 'ground-truth'].map((m) =>
          ({ value: m, label: t(`quality.merges.${m}`) }))} />`}</div>`;
  const auto = html`<div class="stack">
    <${CheckField} label=${t('quality.auto')} hint=${t('quality.autoHint')} checked=${v.autoLabel}
      onvalue=${(/** @type {boolean} */ autoLabel) => onchange({ autoLabel })} />
    ${v.autoLabel && html`<div class="indent stack wide">
      <${Target} value=${v.target} error=${wrong('target')}
        onvalue=${(/** @type {number} */ target) => onchange({ target })} />
      ${v.target >= 97 && v.target <= 99.9 && html`<${Notice}>${t('quality.targetHigh')}<//>`}
        </div>`}</div>`;
  const limits = html`<div class="stack wide">
    <${CheckField} label=${t('quality.advance')} hint=${t('quality.advanceHint')}
      checked=${v.autoAdvance}
        onvalue=${(/** @type {boolean} */ autoAdvance) => onchange({ autoAdvance })} />
    <div class="pair"><${NumberField} label=${t('quality.lease')} hint=${t('quality.leaseHint')}
      min=${0.5} max=${43200} step=${0.5} error=${wrong('lease')} value=${shown(v.lease)}
        onvalue=${(/** @type {number|null} */ n) => onchange({ lease: number(n) })} />
      <${NumberField} label=${t('quality.open')} hint=${t('quality.openHint')} min=${1} step=${1}
        error=${wrong('open')} value=${shown(v.open)}
          onvalue=${(/** @type {number|null} */ n) => onchange({ open: number(n) })} /></div>
    <${NumberField} label=${t('stop.availability')} hint=${t('stop.availabilityHint')} min=${0}
      step="any" class="input short" error=${wrong('availability')} value=${v.availability}
      onvalue=${(/** @type {number|null} */ availability) => onchange({ availability })} /></div>`;
  const stop = html`<div class="stack"><p class="muted">${t('stop.text')}</p>
    <div class="pair"><${NumberField} label=${t('stop.human')} hint=${t('stop.humanHint')} min=${1}
      step=${1} error=${wrong('maxhuman')} value=${v.maxHuman}
      onvalue=${(/** @type {number|null} */ maxHuman) => onchange({ maxHuman })} />
      <${NumberField} label=${t('stop.share')} hint=${t('stop.shareHint')} min=${1} max=${100}
        step=${1} error=${wrong('maxshare')} value=${v.maxShare}
        onvalue=${(/** @type {number|null} */ maxShare) => onchange({ maxShare })} /></div></div>`;
  if (part) return { answers, auto, limits, stop }[part];
  return html`<div class="stack wide"><section class="card stack"><h2>${t('quality.answers')}</h2>
    ${answers}</section>
    <section class="card stack"><h2>${t('quality.autoTitle')}</h2>${auto}</section>
    <section class="card stack"><h2>${t('quality.limits')}</h2>${limits}</section>
    <section class="card stack"><h2>${t('stop.title')}</h2>${stop}</section></div>`;
}

/** @param {number} n */
const shown = (n) => (Number.isFinite(n) ? n : null);

/** The target in per cent, and what it promises in one sentence. @param {{value: number, error:
 *  string, onvalue: (n: number) => void}} props */
function Target({ value, error, onvalue }) {
  const fine = Number.isFinite(value) && value >= 80 && value <= 99.9;
  const sentence = fine ? t('quality.targetSays',
    { share: percent(value / 100, 1), n: Math.round((100 - value) * 10), of: 1000 }) : '';
  return html`<div class="target-field">
    <${NumberField} label=${t('quality.target')} hint=${t('quality.targetHint')} min=${80}
      max=${99.9} step=${0.1} class="input short" error=${error}
      value=${shown(value)} onvalue=${(/** @type {number|null} */ n) =>
        onvalue(n === null ? NaN : n)} />
    <${RadioGroup} label=${t('quality.targetOften')} look="segments" value=${String(value)}
      onvalue=${(/** @type {string} */ v) => onvalue(Number(v))}
      options=${[90, 95, 98].map((n) => ({ value: String(n), label: percent(n / 100) }))} />
    <p class="target-says" role="status">${sentence}</p></div>`;
}
