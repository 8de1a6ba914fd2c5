// @ts-check
// The sheet of keys, from the one table: on /help/keys, and over a screen by "?". Typing searches it;
// a key pressed while the list has the focus lights its row.

import { ACTIONS, keysOf, shown, written } from '../core/keys.js';
import { t } from '../core/i18n.js';
import { preferences } from '../core/store.js';
import { Dialog } from './dialog.js';
import { TextField } from './field.js';
import { html, useState } from './html.js';

/** @param {{groups?: string[]}} props only the keys alive here */
export function KeySheet({ groups }) {
  const [text, setText] = useState('');
  const [lit, setLit] = useState('');
  const settings = preferences.value.keys ?? {};
  const mode = settings.mode ?? 'on';
  const rows = ACTIONS.filter((a) => !groups || groups.includes(a.group))
    .map((a) => ({ id: a.id, keys: keysOf(a, settings).map(shown), raw: keysOf(a, settings),
      name: t(`keys.action.${a.id}`), group: t(`keys.group.${a.group}`) }));
  rows.unshift({ id: 'digits', keys: ['1 … 9', '0', '⇧1 … ⇧0'], raw: [], name: t('keys.action.digits'),
    group: t('keys.group.answer') });
  const wanted = text.trim().toLowerCase();
  const found = rows.filter((r) => !wanted || `${r.name} ${r.keys.join(' ')} ${r.group}`.toLowerCase().includes(wanted));
  /** @param {KeyboardEvent} e */
  const press = (e) => {
    if (e.key === 'Tab' || e.key === 'Escape') return;
    const row = rows.find((r) => r.raw.includes(written(e)));
    setLit(row?.id ?? '');
    if (row) e.preventDefault();
  };
  return html`<div class="stack">
    ${mode !== 'on' && html`<p class="muted">${t(`keys.mode.${mode}Note`)}</p>`}
    <${TextField} label=${t('keys.search')} type="search" value=${text} onvalue=${setText} />
    <div class="table-box" tabindex="0" role="region" aria-label=${t('keys.list')} onKeyDown=${press}>
      <table class="table keysheet"><caption class="unseen">${t('keys.list')}</caption>
      <thead><tr><th scope="col">${t('keys.what')}</th><th scope="col">${t('keys.keys')}</th>
        <th scope="col">${t('keys.where')}</th></tr></thead>
      <tbody>${found.map((r) => html`<tr key=${r.id} aria-selected=${String(r.id === lit)}>
        <th scope="row">${r.name}</th><td><span class="row tight">${r.keys.map((k) => html`<kbd>${k}</kbd>`)}</span></td>
        <td class="muted">${r.group}</td></tr>`)}</tbody></table></div>
    ${!found.length && html`<p class="muted">${t('palette.none')}</p>`}
    <p class="meta">${t('keys.tryOut')}</p></div>`;
}

/** @param {{groups: string[], onclose: () => void}} props */
export function KeyOverlay({ groups, onclose }) {
  return html`<${Dialog} title=${t('keys.title')} onclose=${onclose}><${KeySheet} groups=${groups} />
    <p><a href="/me">${t('keys.change')}</a></p><//>`;
}
