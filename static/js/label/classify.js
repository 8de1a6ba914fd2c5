// @ts-check
// The right-hand panel of a single-choice task.

import { t } from '../core/i18n.js';
import { Button } from '../ui/button.js';
import { CheckField } from '../ui/field.js';
import { html } from '../ui/html.js';
import { LabelList } from './labels.js';

/** @param {{choices: import('./labels.js').Choice[], picked: string | null, advance: boolean, findKeys: string,
 *  keysOn: boolean, onpick: (name: string) => void, onadvance: (on: boolean) => void, onfind: () => void}} props */
export function ChoicePanel({ choices, picked, advance, findKeys, keysOn, onpick, onadvance, onfind }) {
  return html`<section class="side" aria-label=${t('label.answer')}>
    <div class="panel-head"><h2>${t('label.which')}</h2>
      <${Button} kind="quiet" icon="search" keys=${findKeys} onclick=${onfind}>${t('label.find')}<//></div>
    <${LabelList} choices=${choices} picked=${picked} title=${t('label.which')} keysOn=${keysOn} onpick=${onpick} />
    <div class="side-foot"><${CheckField} label=${t('label.goOn')} checked=${advance} onvalue=${onadvance} /></div>
  </section>`;
}
