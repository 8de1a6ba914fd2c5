// @ts-check
// The surface for texts. Nodes are made once a task, ahead of time, without a virtual DOM.

import { paragraphs } from './runs.js';

/** @param {import('./runs.js').Run} run */
function node(run) {
  if ('text' in run) return document.createTextNode(run.text);
  const box = document.createElement('span');
  box.className = 'unprintable';
  box.textContent = run.box;
  box.title = `U+${run.code.toString(16).toUpperCase().padStart(4, '0')}`;
  return box;
}

/**
 * The text as an element, ready to be put on the screen. Long texts are blocks that the browser lays
 * out only when they come near.
 * @param {string} text
 */
export function drawText(text) {
  const el = document.createElement('div');
  el.className = 'text-task';
  for (const line of paragraphs(text)) {
    const p = document.createElement('p');
    p.dir = 'auto';
    p.append(...line.map(node));
    el.append(p);
  }
  return el;
}

export class TextSurface {
  /** @param {HTMLElement} el @param {string} label what a screen reader calls it */
  constructor(el, label) {
    this.el = el;
    el.className = 'surface text-surface';
    el.tabIndex = 0;
    el.setAttribute('role', 'region');
    el.setAttribute('aria-label', label);
  }

  /** @param {HTMLElement} drawn from drawText */
  show(drawn) {
    this.el.replaceChildren(drawn);
    this.el.scrollTop = 0;
  }

  clear() {
    this.el.replaceChildren();
  }

  /** @param {'view' | 'zoomIn' | 'zoomOut' | 'bigger' | 'smaller'} _command */
  command(_command) {
    return false;
  }

  destroy() {
    this.el.replaceChildren();
  }
}
