// @ts-check
// A secret that is shown once: in a field from which it can be copied by hand, since plain http has
// no clipboard. Where there is one, a button copies it.

import { announce } from '../core/announce.js';
import { Button } from '../ui/button.js';
import { html, useId, useState } from '../ui/html.js';
import { t } from './words.js';

/** @param {{label: string, value: string, focus?: boolean}} props */
export function Secret({ label, value, focus }) {
  const id = useId();
  const [copied, setCopied] = useState(false);
  const all = (/** @type {any} */ e) => e.currentTarget.select();
  const copy = async () => {
    await navigator.clipboard.writeText(value);
    setCopied(true);
    announce(t('secret.copied'));
  };
  return html`<div class="field"><label for=${id}>${label}</label><div class="with-button">
    <input id=${id} class="input mono" readonly value=${value} dir="ltr" spellcheck=${false}
      autofocus=${focus} onFocus=${all} onClick=${all} />
    ${typeof navigator.clipboard?.writeText === 'function'
      && html`<${Button} icon=${copied ? 'check' : 'copy'} onclick=${copy}>
        ${t(copied ? 'secret.did' : 'secret.copy')}<//>`}</div></div>`;
}
