// @ts-check
// Skipping with a reason; a digit picks it. The same window takes a comment for the lead.

import { t } from '../core/i18n.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { html, useState } from '../ui/html.js';
import { TextArea } from '../ui/field.js';

const REASONS = ['unclear', 'broken', 'no_label', 'not_allowed', 'other'];

/** @param {{comment: string, first: 'reason' | 'comment', oncomment: (text: string) => void,
 *  onskip: (reason: string) => void, onclose: () => void}} props */
export function SkipDialog({ comment, first, oncomment, onskip, onclose }) {
  const [text, setText] = useState(comment);
  const write = (/** @type {string} */ value) => {
    setText(value);
    oncomment(value);
  };
  /** @param {KeyboardEvent} e */
  const key = (e) => {
    if (e.target instanceof HTMLTextAreaElement || e.ctrlKey || e.altKey || e.metaKey || e.isComposing) return;
    const reason = REASONS[Number(e.key) - 1];
    if (!reason) return;
    e.preventDefault();
    onskip(reason);
  };
  return html`<${Dialog} title=${t('skip.title')} look="slim" onclose=${onclose}>
    <div class="stack" onKeyDown=${key}>
      <p class="muted">${t('skip.text')}</p>
      <div class="stack tight">${REASONS.map((reason, i) => html`<button type="button" class="choice"
        autofocus=${first === 'reason' && i === 0} onClick=${() => onskip(reason)}>
        <kbd aria-hidden="true">${i + 1}</kbd><span class="choice-name">${t(`reason.${reason}`)}</span></button>`)}</div>
      <${TextArea} label=${t('skip.comment')} hint=${t('skip.commentHint')} rows=${3} value=${text}
        onvalue=${write} maxlength="2000" autofocus=${first === 'comment'} />
      <div class="row"><${Button} onclick=${onclose}>${t('skip.back')}<//></div>
    </div><//>`;
}
