// @ts-check
// The labels of a job as a table to edit: name, description, colour, hot key, order. Used by the
// wizard and by the settings, where a label is hidden rather than deleted.

import { announce } from '../core/announce.js';
import { Button, IconButton } from '../ui/button.js';
import { TextArea } from '../ui/field.js';
import { Icon, cx, html, useEffect, useRef, useState } from '../ui/html.js';
import { Notice } from '../ui/parts.js';
import { HOT_KEYS, inkOn, labelProblems, moveLabel, PALETTE, pasteLabels,
  withDefaults } from './labels.js';
import { t } from './words.js';

/**
 * @param {{labels: import('./labels.js').Label[], onlabels: (labels: import('./labels.js').Label[])
 *  => void,
 *  live?: boolean}} props live: the labels are in use, so they are hidden instead of taken away
 */
export function LabelTable({ labels, onlabels, live }) {
  const [text, setText] = useState('');
  const [told, setTold] = useState(/** @type {{added: number, repeated: string[]} | null} */ (null));
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const focus = useRef('');
  useEffect(() => {
    if (!focus.current) return;
    /** @type {HTMLElement | null | undefined} */ (box.current?.querySelector(focus.current))?.focus();
    focus.current = '';
  });
  const problems = labelProblems(labels);
  const wrong = (/** @type {number} */ row) => problems.filter((p) => p.rows.includes(row));
  const set = (/** @type {number} */ row, /** @type {object} */ change) =>
    onlabels(labels.map((l, i) => (i === row ? { ...l, ...change } : l)));
  const move = (/** @type {number} */ row, /** @type {number} */ to) => {
    const next = moveLabel(labels, row, to);
    if (next === labels) return;
    focus.current = `[data-row="${to}"] .label-name`;
    onlabels(next);
    announce(t('labels.moved', { name: labels[row].name, n: to + 1, all: labels.length }));
  };
  const remove = (/** @type {number} */ row) => {
    if (live && labels[row].id) {
      set(row, { hidden: !labels[row].hidden });
      return;
    }
    focus.current = `[data-row="${Math.min(row, labels.length - 2)}"] .label-name`;
    onlabels(labels.filter((_, i) => i !== row));
  };
  const paste = () => {
    const got = pasteLabels(text, labels);
    setTold(got);
    setText('');
    announce(t('labels.added', { n: got.added }));
    onlabels(got.list);
  };
  const add = () => {
    focus.current = `[data-row="${labels.length}"] .label-name`;
    onlabels(withDefaults([...labels, { name: '' }]));
  };
  return html`<div class="stack wide"><div class="stack">
      <${TextArea} label=${t('labels.paste')} hint=${t('labels.pasteHint')} rows=${4} value=${text}
        onvalue=${setText} spellcheck=${false} dir="auto" />
      <div class="row"><${Button} icon="plus" disabled=${!text.trim()} onclick=${paste}>
        ${t('labels.addThese')}<//>
        ${told && html`<span class="muted" role="status">${t('labels.added', { n: told.added })}
          ${told.repeated.length > 0
            && ` ${t('labels.repeated', { names: told.repeated.slice(0, 5).join(', ') })}`}</span>`}
              </div></div>
    ${labels.length > 0 && html`<div class="label-box" ref=${box}><table class="table label-table">
      <caption class="unseen">${t('labels.caption')}</caption>
      <thead><tr><th scope="col" class="num">${t('labels.n')}</th>
        <th scope="col">${t('labels.color')}</th><th scope="col">${t('labels.name')}</th>
        <th scope="col">${t('labels.description')}</th><th scope="col">${t('labels.key')}</th>
          <th scope="col"><span class="unseen">${t('labels.order')}</span></th></tr></thead>
      <tbody>${labels.map((label, row) =>
        html`<${Row} key=${label.id ?? `new-${row}`} label=${label} row=${row}
          last=${labels.length - 1} live=${live}
        wrong=${wrong(row)} set=${set} move=${move} remove=${remove} />`)}</tbody></table></div>`}
    <div class="row"><${Button} icon="plus" onclick=${add}>${t('labels.addOne')}<//>
      <span class="meta">${t('labels.moveHint')}</span></div>
    ${problems.filter((p) => p.code !== 'empty').map((p) =>
      html`<${Notice} kind="warn">${t(`check.labels.${p.code}`, { name: p.name ?? '' })}<//>`)}
        </div>`;
}

/** @param {any} props */
function Row({ label, row, last, live, wrong, set, move, remove }) {
  const who = label.name || t('labels.nameless', { n: row + 1 });
  const key = (/** @type {KeyboardEvent} */ e) => {
    if (!e.altKey || (e.key !== 'ArrowUp' && e.key !== 'ArrowDown')) return;
    e.preventDefault();
    move(row, row + (e.key === 'ArrowUp' ? -1 : 1));
  };
  const badName = wrong.some((/** @type {any} */ p) => p.code !== 'key');
  const badKey = wrong.some((/** @type {any} */ p) => p.code === 'key');
  return html`<tr class=${cx(label.hidden && 'label-hidden')} data-row=${row} onKeyDown=${key}>
    <td class="num muted">${row + 1}</td>
    <td><${ColorPick} who=${who} color=${label.color ?? PALETTE[row % PALETTE.length]}
      oncolor=${(/** @type {string} */ color) => set(row, { color })} /></td>
    <td><input class="input small label-name" dir="auto"
      aria-label=${t('labels.nameOf', { n: row + 1 })} value=${label.name}
        aria-invalid=${badName ? 'true' : undefined}
      disabled=${label.hidden}
        onInput=${(/** @type {any} */ e) => set(row, { name: e.target.value })} />
      ${label.hidden && html`<span class="meta">${t('labels.hiddenHint')}</span>`}</td>
    <td><input class="input small label-about" dir="auto" placeholder=${t('labels.description')}
      aria-label=${t('labels.descriptionOf', { name: who })} value=${label.description ?? ''}
      disabled=${label.hidden}
        onInput=${(/** @type {any} */ e) => set(row, { description: e.target.value })} /></td>
    <td><select class="input small label-key" aria-label=${t('labels.keyOf', { name: who })}
      aria-invalid=${badKey ? 'true' : undefined} disabled=${label.hidden}
      onChange=${(/** @type {any} */ e) => set(row, { hot_key: e.target.value })}>
      <option value="" selected=${!label.hot_key}>${t('labels.noKey')}</option>
      ${HOT_KEYS.map((k) => html`<option value=${k} selected=${k === label.hot_key}>
        ${k.replace('Shift+', '⇧')}</option>`)}</select></td>
    <td><div class="row tight nowrap label-order">
      <${IconButton} icon="up" label=${t('labels.up', { name: who })} keys="Alt+↑"
        disabled=${row === 0} onclick=${() => move(row, row - 1)} />
      <${IconButton} icon="down" label=${t('labels.down', { name: who })} keys="Alt+↓"
        disabled=${row === last} onclick=${() => move(row, row + 1)} />
      ${live && label.id ? html`<${Button} kind="quiet"
        aria-label=${t(label.hidden ? 'labels.showOf' : 'labels.hideOf', { name: who })}
          onclick=${() => remove(row)}>${t(label.hidden ? 'labels.show' : 'labels.hide')}<//>`
        : html`<${IconButton} icon="trash" label=${t('labels.remove', { name: who })}
          onclick=${() => remove(row)} />`}</div></td></tr>`;
}

/** Twelve colours that stay apart, or any other. @param {{who: string, color: string, oncolor:
 *  (color: string) => void}} props */
function ColorPick({ who, color, oncolor }) {
  const [open, setOpen] = useState(false);
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (!open) return undefined;
    /** @type {HTMLElement | null | undefined} */ (box.current?.querySelector('[aria-pressed="true"], .color-choice'))?.focus();
    const away = (/** @type {Event} */ e) => { if (!box.current?.contains(/** @type {Node} */ (e.target))) setOpen(false); };
    document.addEventListener('pointerdown', away);
    return () => document.removeEventListener('pointerdown', away);
  }, [open]);
  const close = () => {
    setOpen(false);
    box.current?.querySelector('button')?.focus();
  };
  const key = (/** @type {KeyboardEvent} */ e) => {
    if (!open || e.key !== 'Escape') return;
    e.stopPropagation();
    close();
  };
  return html`<div class="menu color-menu" ref=${box} onKeyDown=${key}>
    <button type="button" class="color-button"
      aria-label=${t('labels.colorOf', { name: who, color })} aria-expanded=${String(open)}
        title=${color}
      style=${{ '--c': color, '--ink': inkOn(color) }} onClick=${() => setOpen(!open)}>
        <${Icon} name="down" /></button>
    ${open && html`<div class="menu-list color-list" role="group" aria-label=${t('labels.colors')}>
      ${PALETTE.map((c, i) => html`<button type="button" class="color-choice"
        aria-label=${t('labels.colorN', { n: i + 1, color: c })} aria-pressed=${String(c === color)}
        style=${{ '--c': c, '--ink': inkOn(c) }} onClick=${() => { oncolor(c); close(); }}>
          ${c === color && html`<${Icon} name="check" />`}</button>`)}
      <label class="color-own">${t('labels.ownColor')} <input type="color" value=${color}
        onChange=${(/** @type {any} */ e) => oncolor(e.target.value)} /></label></div>`}</div>`;
}
