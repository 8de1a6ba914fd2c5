// @ts-check
// Small parts without behaviour: badge, bar, figure, notice, label swatch.

import { t } from '../core/i18n.js';
import { Icon, cx, html } from './html.js';

/** @param {{kind?: 'ok' | 'warn' | 'bad' | 'accent' | '', icon?: string, children?: any}} props */
export function Badge({ kind = '', children }) {
  return html`<span class=${cx('badge', kind)}>${children}</span>`;
}

/** The state of a job in words. @param {{state: string, preparing?: boolean}}
 *  props */
export function StateBadge({ state, preparing = false }) {
  /** @type {{[state: string]: 'ok' | 'warn' | 'bad' | 'accent' | ''}} */
  const kinds = { in_progress: 'accent', completed: 'ok', failed: 'bad', paused: 'warn', stopped: 'warn' };
  return html`<${Badge} kind=${kinds[state] ?? ''}>${t(`job.state.${
    preparing && state === 'initializing' ? 'preparing' : state}`)}<//>`;
}

/** A bar of parts of a whole. @param {{label: string, total: number, parts: {value: number, kind?: string}[]}} props */
export function Bar({ label, total, parts }) {
  return html`<div class="bar" role="img" aria-label=${label}>${parts.map((p) => html`<i class=${p.kind ?? ''}
    style=${{ width: `${total ? (100 * p.value) / total : 0}%` }} />`)}</div>`;
}

/**
 * How far something is. Without a max the bar is only a sign that something goes on.
 * @param {{label: string, value: number, max: number, text: string}} props
 */
export function ProgressBar({ label, value, max, text }) {
  const share = max > 0 ? Math.min(100, Math.floor((100 * value) / max)) : null;
  return html`<div class=${cx('bar', share === null && 'going')} role="progressbar" aria-label=${label}
    aria-valuemin="0" aria-valuemax="100" aria-valuenow=${share ?? undefined} aria-valuetext=${text}>
    <i style=${{ width: `${share ?? 100}%` }} /></div>`;
}

/** One figure with its name. @param {{value: any, label: any}} props */
export function Stat({ value, label }) {
  return html`<div class="stat"><b>${value}</b><span>${label}</span></div>`;
}

/** @param {{kind?: 'ok' | 'warn' | 'bad' | '', role?: string, children?: any}} props */
export function Notice({ kind = '', role, children }) {
  const icon = kind === 'ok' ? 'check' : kind ? 'alert' : 'info';
  return html`<div class=${cx('notice', kind)} role=${role}><${Icon} name=${icon} />
    <div class="grow wrap">${children}</div></div>`;
}

/**
 * The look of the label at a place in the label set: twelve colours, then the same hatched, then
 * dotted. A colour given by the lead comes first.
 * @param {number} index @param {string} [color] "#rrggbb"
 */
export function labelLook(index, color) {
  const round = Math.floor(index / 12);
  const pattern = color ? '' : ['', 'hatch', 'dots'][Math.min(round, 2)];
  return { class: cx('swatch', !color && `c${(index % 12) + 1}`, pattern),
    style: color ? { '--c': color } : undefined };
}

/** @param {{index: number, color?: string}} props */
export function Swatch({ index, color }) {
  const look = labelLook(index, color);
  return html`<i class=${look.class} style=${look.style} aria-hidden="true" />`;
}
