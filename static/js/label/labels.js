// @ts-check
// The labels of a single-choice task: a radio group with one tab stop. Digits pick; arrows walk
// without picking, since a pick may go on to the next task.

import { placeName, placeOf } from '../core/keys.js';
import { t } from '../core/i18n.js';
import { html, useMemo, useRef, useState } from '../ui/html.js';
import { Swatch } from '../ui/parts.js';

/** @typedef {import('../types.js').Label & {index: number, place: number}} Choice */

/**
 * The labels that can be chosen, each with its place on the digit keys: its own hot key, else the
 * next free digit in the order of the list.
 * @param {import('../types.js').Label[]} labels @returns {Choice[]}
 */
export function choices(labels) {
  const taken = new Set(labels.filter((l) => !l.hidden).map((l) => placeOf(l.hot_key)));
  let free = 1;
  const next = () => {
    while (taken.has(free)) free++;
    return free <= 20 ? free++ : 0;
  };
  const all = labels.map((label, index) => ({ ...label, index }));
  return all.filter((label) => !label.hidden)
    .map((label) => ({ ...label, place: placeOf(label.hot_key) || next() }));
}

/** How the key of a place is shown. @param {number} place */
export function placeKey(place) {
  return placeName(place).replace('Shift+', '⇧');
}

/**
 * @param {{choices: Choice[], picked: string | null, title: string, onpick: (name: string) => void,
 *  keysOn: boolean}} props
 */
export function LabelList({ choices: all, picked, title, onpick, keysOn }) {
  const [at, setAt] = useState(0);
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const chosen = all.findIndex((c) => c.name === picked);
  const stop = chosen >= 0 ? chosen : Math.min(at, all.length - 1);
  /** @param {KeyboardEvent} e */
  const key = (e) => {
    const here = [...(box.current?.children ?? [])].indexOf(/** @type {Element} */ (e.target));
    /** @type {{[key: string]: number}} */
    const steps = { ArrowDown: here + 1, ArrowRight: here + 1, ArrowUp: here - 1, ArrowLeft: here - 1,
      Home: 0, End: all.length - 1 };
    const to = steps[e.key];
    if (to === undefined || e.ctrlKey || e.altKey || e.metaKey) return;
    e.preventDefault();
    const index = (to + all.length) % all.length;
    setAt(index);
    /** @type {HTMLElement | undefined} */ (box.current?.children[index])?.focus();
  };
  const rows = useMemo(() => all.map((c, i) => html`<button type="button" role="radio" class="choice"
      key=${c.id} aria-checked=${String(c.name === picked)} tabindex=${i === stop ? 0 : -1}
      title=${c.description || undefined} onClick=${() => onpick(c.name)}>
      ${keysOn && html`<kbd aria-hidden="true">${c.place ? placeKey(c.place) : '·'}</kbd>`}
      <${Swatch} index=${c.index} color=${c.color} />
      <span class="choice-name"><bdi>${c.name}</bdi>${c.description
        && html`<span class="meta">${c.description}</span>`}</span></button>`),
  [all, picked, stop, keysOn, onpick]);
  return html`<div class="choices" role="radiogroup" aria-label=${title} ref=${box} onKeyDown=${key}
    id="answer">${rows}</div>`;
}

/** A label in a sentence: its colour and its name. @param {{choices: Choice[], name: string}} props */
export function LabelName({ choices: all, name }) {
  const choice = all.find((c) => c.name === name);
  return html`<span class="label-name">${choice && html`<${Swatch} index=${choice.index}
    color=${choice.color} />`}<bdi>${choice ? name : t(`reason.${name}`)}</bdi></span>`;
}
