// @ts-check
// Preact, its hooks and signals from one place. Components that read a signal's .value follow it.

import { h, options } from '../../vendor/preact.js';
import htm from '../../vendor/htm.js';
import '../../vendor/signals.js';

export { Fragment, h, render } from '../../vendor/preact.js';
export { useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState }
  from '../../vendor/hooks.js';
export { useComputed, useSignal, useSignalEffect } from '../../vendor/signals.js';

/** A template as virtual nodes: html`<p class="muted">${text}</p>`.
 *  @type {(strings: TemplateStringsArray, ...values: any[]) => any} */
export const html = htm.bind(h);

/**
 * Renders what the change brings before it returns: a window that a key opens must be there when the
 * next key comes, or that key would mean something else.
 * @param {() => void} change
 */
export function atOnce(change) {
  const set = /** @type {any} */ (options);
  const before = set.debounceRendering;
  set.debounceRendering = (/** @type {() => void} */ render) => render();
  try {
    change();
  } finally {
    set.debounceRendering = before;
  }
}

const SPRITE = new URL('../../img/icons.svg', import.meta.url).pathname;

/** A picture from img/icons.svg; decoration only, the words stand beside it.
 *  @param {{name: string}} props */
export function Icon({ name }) {
  return html`<svg class="icon" aria-hidden="true" viewBox="0 0 20 20">
    <use href=${`${SPRITE}#${name}`} /></svg>`;
}

/** Class names, those that are set. @param {...(string | false | null | undefined)} names */
export function cx(...names) {
  return names.filter(Boolean).join(' ');
}
