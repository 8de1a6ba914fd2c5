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

// A text of megabytes must not keep the next task waiting: the beginning is drawn at once, the rest
// in pieces as the reader comes near, and a paragraph without an end in blocks.
const FIRST = 40000;
const PIECE = 100000;
const BLOCK = 10000;

/** @param {import('./runs.js').Run[]} line */
function* blocks(line) {
  for (const run of line) {
    if (!('text' in run) || run.text.length <= BLOCK) {
      yield run;
      continue;
    }
    for (let from = 0; from < run.text.length;) {
      const space = run.text.lastIndexOf(' ', from + BLOCK) + 1;
      let to = space > from ? space : from + BLOCK;
      if ((run.text.charCodeAt(to - 1) & 0xfc00) === 0xd800) to += 1; // not between two halves
      yield { text: run.text.slice(from, to) };
      from = to;
    }
  }
}

/** @param {import('./runs.js').Run[]} line */
function paragraph(line) {
  const p = document.createElement('p');
  p.dir = 'auto';
  p.append(...line.map(node));
  return p;
}

/** The paragraphs, long ones cut into several. @param {string} text */
function* drawn(text) {
  for (const line of paragraphs(text)) {
    let part = /** @type {import('./runs.js').Run[]} */ ([]);
    let size = 0;
    for (const run of blocks(line)) {
      part.push(run);
      size += 'text' in run ? run.text.length : 1;
      if (size < BLOCK) continue;
      yield { p: paragraph(part), size };
      part = [];
      size = 0;
    }
    if (part.length || !line.length) yield { p: paragraph(part), size: size + 1 };
  }
}

/**
 * The text as an element, ready to be put on the screen.
 * @param {string} text
 */
export function drawText(text) {
  const el = document.createElement('div');
  el.className = 'text-task';
  const more = drawn(text);
  const end = document.createElement('div');
  const draw = (/** @type {number} */ room) => {
    for (let left = room; left > 0;) {
      const next = more.next();
      if (next.done) return false;
      end.before(next.value.p);
      left -= next.value.size;
    }
    return true;
  };
  el.append(end);
  if (!draw(FIRST)) {
    end.remove();
    return el;
  }
  const near = new IntersectionObserver((seen) => {
    if (!seen.some((s) => s.isIntersecting) || draw(PIECE)) return;
    near.disconnect();
    end.remove();
  }, { rootMargin: '3000px' });
  near.observe(end);
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
