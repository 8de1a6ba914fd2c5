// @ts-check
// Giving commands other keys. A key that something else has is refused, and by name.

import { announce } from '../core/announce.js';
import { t } from '../core/i18n.js';
import { ACTIONS, conflict, keysOf, shown, written } from '../core/keys.js';
import { Button } from '../ui/button.js';
import { html, useState } from '../ui/html.js';

/** @param {{keys: import('../types.js').KeyPreferences, onremap: (remap: {[action: string]: string}) => void}} props */
export function Remap({ keys, onremap }) {
  const [asking, setAsking] = useState('');
  const [problem, setProblem] = useState('');
  const remap = keys.remap ?? {};
  const ask = (/** @type {string} */ id) => {
    setAsking(asking === id ? '' : id);
    setProblem('');
    if (asking !== id) announce(t('remap.press'));
  };
  /** @param {KeyboardEvent} e @param {string} id */
  const press = (e, id) => {
    if (asking !== id || e.key === 'Tab') return;
    e.preventDefault();
    e.stopPropagation();
    if (e.key === 'Escape') {
      setAsking('');
      return;
    }
    if (/^(Shift|Control|Alt|Meta)/.test(e.key)) return;   // waits for the key it goes with
    const key = written(e);
    const why = conflict(id, key, keys);
    if (why) {
      const text = why === 'reserved' || why === 'digit' ? t(`remap.${why}`, { key: shown(key) })
        : t('remap.taken', { key: shown(key), action: t(`keys.action.${why}`) });
      setProblem(text);
      announce(text, { urgent: true });
      return;
    }
    setAsking('');
    setProblem('');
    onremap({ ...remap, [id]: key });
  };
  const reset = (/** @type {string} */ id) => {
    const { [id]: _, ...rest } = remap;
    onremap(rest);
  };
  return html`<details class="remap"><summary>${t('remap.title')}</summary>
    <div class="table-box" tabindex="0" role="region" aria-label=${t('remap.title')}><table class="table">
      <caption class="unseen">${t('remap.title')}</caption>
      <thead><tr><th scope="col">${t('keys.what')}</th><th scope="col">${t('keys.keys')}</th>
        <th scope="col"><span class="unseen">${t('remap.change')}</span></th></tr></thead>
      <tbody>${ACTIONS.filter((a) => !a.fixed).map((a) => html`<tr key=${a.id}>
        <th scope="row">${t(`keys.action.${a.id}`)}</th>
        <td><span class="row tight">${keysOf(a, keys).map((k) => html`<kbd>${shown(k)}</kbd>`)}</span>
          ${asking === a.id && problem && html`<p class="bad">${problem}</p>`}</td>
        <td class="num"><span class="row tight">${remap[a.id] && html`<${Button} kind="quiet" onclick=${() => reset(a.id)}
            aria-label=${t('remap.resetOf', { action: t(`keys.action.${a.id}`) })}>${t('remap.reset')}<//>`}
          <${Button} onclick=${() => ask(a.id)} pressed=${asking === a.id} onKeyDown=${(/** @type {KeyboardEvent} */ e) => press(e, a.id)}
            aria-label=${t('remap.changeOf', { action: t(`keys.action.${a.id}`) })}>
            ${asking === a.id ? t('remap.press') : t('remap.change')}<//></span></td></tr>`)}</tbody></table></div></details>`;
}
