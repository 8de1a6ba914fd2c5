// @ts-check
// Invitations: making one (its link is shown once) and the list of those still open.

import * as api from '../core/api.js';
import { ago, dateTime } from '../core/format.js';
import { ROLES } from '../core/session.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { FormError, NumberField, RadioGroup } from '../ui/field.js';
import { html, useState } from '../ui/html.js';
import { Badge, Notice } from '../ui/parts.js';
import { toastError } from '../ui/toast.js';
import { Secret } from './secret.js';
import { t } from './words.js';

/** @param {{onclose: () => void, onmade: () => void}} props */
export function InviteDialog({ onclose, onmade }) {
  const [role, setRole] = useState('annotator');
  const [days, setDays] = useState(/** @type {number|null} */ (7));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {any} */ (null));
  const [made, setMade] = useState(/** @type {any} */ (null));
  const bad = days === null || !Number.isInteger(days) || days < 1 || days > 365;
  const make = async (/** @type {Event} */ e) => {
    e.preventDefault();
    if (bad) return;
    setBusy(true);
    try {
      setMade(await api.post('/invitations', { role, days }));
      onmade();
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  if (made) {
    return html`<${Dialog} title=${t('invite.made')} onclose=${onclose}
      actions=${html`<${Button} kind="main" onclick=${onclose}>${t('invite.close')}<//>`}>
      <div class="stack"><p>${t('invite.send',
        { role: t(`role.${made.role}`), when: dateTime(made.expires) })}</p>
        <${Secret} label=${t('invite.link')} value=${made.url} focus />
          <${Notice} kind="warn">${t('invite.once')}<//></div><//>`;
  }
  return html`<${Dialog} title=${t('invite.title')} look="slim" onclose=${onclose}
    actions=${html`<${Button} onclick=${onclose}>${t('frame.cancel')}<//>
      <${Button} kind="main" busy=${busy} disabled=${bad} onclick=${make}>${t('invite.go')}<//>`}>
    <form class="stack wide" onSubmit=${make}><${FormError} error=${error} />
      <${RadioGroup} label=${t('invite.role')} value=${role} onvalue=${setRole}
        options=${ROLES.map((r) =>
          ({ value: r, label: t(`role.${r}`), hint: t(`people.can.${r}`) }))} />
      <${NumberField} label=${t('invite.days')} min=${1} max=${365} step=${1} value=${days}
        onvalue=${setDays} error=${bad ? t('invite.daysBad') : ''} class="input short" />
      <button type="submit" hidden></button></form><//>`;
}

/** @param {{list: any[], onchange: () => void}} props */
export function Invitations({ list, onchange }) {
  const open = list.filter((i) => !i.used);
  if (!open.length) return null;
  const end = async (/** @type {any} */ one) => {
    try {
      await api.del(api.url`/invitations/${one.id}`);
      onchange();
    } catch (error) {
      toastError(error);
    }
  };
  return html`<section class="stack" aria-labelledby="invitations">
    <h2 id="invitations">${t('invite.open')}</h2>
    <ul class="plain lines">${open.map((one) => {
      const over = new Date(one.expires).getTime() < Date.now();
      return html`<li key=${one.id}>
        <span class="grow"><b>${t(`role.${one.role}`)}</b> <span class="meta">
          ${t('invite.when', { made: ago(one.created), ends: ago(one.expires) })}</span></span>
        ${over && html`<${Badge} kind="warn">${t('invite.over')}<//>`}
        <${Button} kind="quiet" onclick=${() => end(one)}
          aria-label=${t('invite.endOf', { role: t(`role.${one.role}`), when: ago(one.created) })}>
            ${t('invite.end')}<//></li>`;
    })}</ul></section>`;
}
