// @ts-check
import { Icon, cx, html } from './html.js';

/**
 * @param {object} props
 * @param {'main' | 'danger' | 'quiet' | ''} [props.kind]
 * @param {string} [props.icon] name in the sprite
 * @param {string} [props.keys] the key that does the same, shown after the words
 * @param {boolean} [props.busy] at work: cannot be pressed again
 * @param {boolean} [props.disabled]
 * @param {boolean} [props.big]
 * @param {string} [props.type]
 * @param {boolean} [props.pressed] makes it a toggle
 * @param {string} [props.class]
 * @param {(event: MouseEvent) => void} [props.onclick]
 * @param {any} [props.children]
 * @param {any} [props.rest] further attributes
 */
export function Button({ kind = '', icon, keys, busy, disabled, big, type = 'button', pressed,
  class: more, onclick, children, ...rest }) {
  return html`<button type=${type} class=${cx('btn', kind, big && 'big', more)}
    disabled=${disabled || busy} aria-busy=${busy ? 'true' : undefined}
    aria-pressed=${pressed === undefined ? undefined : String(pressed)} onClick=${onclick} ...${rest}>
    ${busy ? html`<i class="spin" />` : icon && html`<${Icon} name=${icon} />`}
    ${children}${keys && html`<kbd aria-hidden="true">${keys}</kbd>`}</button>`;
}

/**
 * A button that shows only a picture; `label` is its name and its tooltip.
 * @param {{icon: string, label: string, keys?: string, kind?: string, pressed?: boolean,
 *  disabled?: boolean, onclick?: (event: MouseEvent) => void, rest?: any}} props
 */
export function IconButton({ icon, label, keys, kind = 'quiet', pressed, disabled, onclick, ...rest }) {
  return html`<button type="button" class=${cx('btn square', kind)} aria-label=${label}
    title=${keys ? `${label} (${keys})` : label} disabled=${disabled}
    aria-pressed=${pressed === undefined ? undefined : String(pressed)} onClick=${onclick} ...${rest}>
    <${Icon} name=${icon} /></button>`;
}

/**
 * A link that looks like a button: for going somewhere.
 * @param {{href: string, kind?: string, icon?: string, big?: boolean, download?: string | boolean,
 *  keys?: string, children?: any, rest?: any}} props
 */
export function LinkButton({ href, kind = '', icon, big, keys, children, ...rest }) {
  return html`<a href=${href} class=${cx('btn', kind, big && 'big')} ...${rest}>
    ${icon && html`<${Icon} name=${icon} />`}${children}${keys
      && html`<kbd aria-hidden="true">${keys}</kbd>`}</a>`;
}
