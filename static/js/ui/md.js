// @ts-check
// Markdown as virtual nodes; there is no way from here to markup of the writer's own.

import { parse } from '../core/markdown.js';
import { h, html, useMemo } from './html.js';

/** @param {import('../core/markdown.js').Node} node @returns {any} */
function draw(node) {
  if (typeof node === 'string') return node;
  const outside = node.href && !node.href.startsWith('/') && !node.href.startsWith('#');
  const more = outside ? { target: '_blank', rel: 'noopener noreferrer' } : {};
  return h(node.tag, { href: node.href, start: node.start, ...more }, ...node.kids.map(draw));
}

/** @param {{text: string}} props */
export function Markdown({ text }) {
  const tree = useMemo(() => parse(text ?? ''), [text]);
  return html`<div class="md" dir="auto">${tree.map(draw)}</div>`;
}
