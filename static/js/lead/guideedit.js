// @ts-check
// The instructions: Markdown on one side, what annotators will see on the other.

import { number } from '../core/format.js';
import { TextArea } from '../ui/field.js';
import { html } from '../ui/html.js';
import { Markdown } from '../ui/md.js';
import { DESCRIPTION_MOST } from './draft.js';
import { t } from './words.js';

/** @param {{text: string, ontext: (text: string) => void}} props */
export function GuideEditor({ text, ontext }) {
  return html`<div class="pair guide-edit">
    <${TextArea} label=${t('guide.text')} hint=${t('guide.hint')} rows=${18} value=${text}
      onvalue=${ontext} dir="auto" />
    <div class="guide-preview field">
      <span id="guide-preview" class="label">${t('guide.preview')}</span>
      <div class="card" tabindex="0" role="region" aria-labelledby="guide-preview">
        ${text.trim() ? html`<${Markdown} text=${text} />`
          : html`<p class="muted">${t('guide.empty')}</p>`}</div></div></div>`;
}

/** @param {{value: string, onvalue: (text: string) => void}} props */
export function DescriptionField({ value, onvalue }) {
  const n = [...value].length;
  return html`<div class="stack tight"><${TextArea} label=${t('describe.label')}
    hint=${t('describe.hint')} rows=${3} dir="auto" value=${value} onvalue=${onvalue}
    error=${n > DESCRIPTION_MOST ? t('check.longdescription') : ''} />
    ${n > 0.8 * DESCRIPTION_MOST && html`<p class="meta">${t('describe.count', { n: number(n) })}</p>`}
    </div>`;
}
