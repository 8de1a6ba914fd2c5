// @ts-check
import { path } from '../core/store.js';
import { html } from './html.js';

/** Tabs that are links: each has a path of its own. @param {{label: string, tabs: {href: string, label: any}[]}} props */
export function LinkTabs({ label, tabs }) {
  return html`<nav class="tabs" aria-label=${label}>${tabs.map((one) => html`<a href=${one.href}
    aria-current=${path.value === one.href ? 'page' : undefined}>${one.label}</a>`)}</nav>`;
}
