// @ts-check
// Start: look, words, session, page.

import { en } from '../i18n/en.js';
import { addStrings } from './core/i18n.js';
import { startRouter } from './core/router.js';
import { onSignIn, startSession } from './core/session.js';
import { effect, path, person, preferences, search } from './core/store.js';
import { recallLook, setLook } from './core/theme.js';
import { Shell } from './shell.js';
import { html, render } from './ui/html.js';

/** What this product needs and an old browser lacks. */
function missing() {
  /** @type {[string, boolean][]} */
  const needs = [
    ['Intl.Segmenter', typeof Intl.Segmenter === 'function'],
    ['createImageBitmap', typeof createImageBitmap === 'function'],
    ['<dialog>', typeof HTMLDialogElement === 'function'],
    ['ResizeObserver', typeof ResizeObserver === 'function'],
    ['CSS :has()', CSS.supports('selector(:has(a))')],
    ['CSS color-mix()', CSS.supports('color', 'color-mix(in srgb, red, blue)')],
  ];
  return needs.filter(([, there]) => !there).map(([name]) => name);
}

/** @param {string[]} names */
function tooOld(names) {
  const main = document.createElement('main');
  main.className = 'page narrow';
  const title = document.createElement('h1');
  title.textContent = 'Plumbline needs a newer browser';
  const text = document.createElement('p');
  text.textContent = `A current Chromium, Firefox or Safari (17.4 or newer) will do. Missing here: ${names.join(', ')}.`;
  main.append(title, text);
  document.body.append(main);
}

async function start() {
  recallLook();
  addStrings(en);
  const lacks = missing();
  if (lacks.length) {
    tooOld(lacks);
    return;
  }
  path.value = location.pathname;
  search.value = location.search;
  startRouter();
  effect(() => { if (person.value) setLook(preferences.value); });
  // Answers left over from before are sent wherever the person is, not only on the labelling screen.
  onSignIn(() => import('./label/work.js').then((module) => module.openWork()));
  let error = null;
  try {
    await startSession();
  } catch (problem) {
    error = problem;
  }
  const root = /** @type {HTMLElement} */ (document.getElementById('app'));
  render(html`<${Shell} error=${error} />`, root);
}

start();
