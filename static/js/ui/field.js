// @ts-check
// Form fields: a label, the input, a hint, an error that a screen reader reads with the input.

import { t } from '../core/i18n.js';
import { Button } from './button.js';
import { Icon, cx, html, useId, useState } from './html.js';

/**
 * @typedef {object} FieldProps
 * @property {string} label
 * @property {any} [hint]
 * @property {string} [error]
 * @property {any} [value]
 * @property {(value: any) => void} [onvalue] called with the new value at each change
 * @property {boolean} [required]
 * @property {boolean} [disabled]
 * @property {string} [name]
 * @property {string} [autocomplete]
 * @property {string} [placeholder]
 * @property {boolean} [autofocus]
 * @property {any} [rest] further attributes of the input
 */

/** @param {{text?: string, id?: string}} props */
export function FieldError({ text, id }) {
  return text ? html`<p class="error" id=${id}><${Icon} name="alert" /><span>${text}</span></p>` : null;
}

/** The frame around any input: `children(attributes)` draws it.
 *  @param {{label: string, hint?: any, error?: string, id?: string, children: any}} props */
export function Field({ label, hint, error, children }) {
  const id = useId();
  const described = cx(hint && `${id}-hint`, error && `${id}-error`) || undefined;
  const attributes = { id, 'aria-describedby': described, 'aria-invalid': error ? 'true' : undefined };
  return html`<div class="field"><label for=${id}>${label}</label>
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
    ${children(attributes)}<${FieldError} text=${error} id="${id}-error" /></div>`;
}

/** @param {FieldProps & {type?: string, small?: boolean}} props */
export function TextField({ label, hint, error, value, onvalue, type = 'text', small, ...rest }) {
  return html`<${Field} label=${label} hint=${hint} error=${error}>
    ${(/** @type {any} */ own) => html`<input ...${own} class=${cx('input', small && 'small')} type=${type}
      value=${value} onInput=${(/** @type {any} */ e) => onvalue?.(e.target.value)} ...${rest} />`}<//>`;
}

/** Gives a number, or null while the input holds none. @param {FieldProps & {min?: number, max?: number, step?: number}} props */
export function NumberField({ value, onvalue, ...rest }) {
  return html`<${TextField} type="number" inputmode="decimal" value=${value ?? ''} ...${rest}
    onvalue=${(/** @type {string} */ text) => onvalue?.(text.trim() === '' ? null : Number(text))} />`;
}

/** @param {FieldProps & {rows?: number}} props */
export function TextArea({ label, hint, error, value, onvalue, rows = 5, ...rest }) {
  return html`<${Field} label=${label} hint=${hint} error=${error}>
    ${(/** @type {any} */ own) => html`<textarea ...${own} class="input" rows=${rows} value=${value}
      onInput=${(/** @type {any} */ e) => onvalue?.(e.target.value)} ...${rest}></textarea>`}<//>`;
}

/** @param {FieldProps & {options: {value: string, label: string}[], small?: boolean}} props */
export function SelectField({ label, hint, error, value, onvalue, options, small, ...rest }) {
  return html`<${Field} label=${label} hint=${hint} error=${error}>
    ${(/** @type {any} */ own) => html`<select ...${own} class=${cx('input', small && 'small')} value=${value}
      onChange=${(/** @type {any} */ e) => onvalue?.(e.target.value)} ...${rest}>
      ${options.map((o) => html`<option value=${o.value} selected=${o.value === value}>${o.label}</option>`)}
    </select>`}<//>`;
}

/** A password that can be shown; paste and password managers work. @param {FieldProps} props */
export function PasswordField({ label, hint, error, value, onvalue, ...rest }) {
  const [shown, setShown] = useState(false);
  return html`<${Field} label=${label} hint=${hint} error=${error}>
    ${(/** @type {any} */ own) => html`<div class="with-button"><input ...${own} class="input"
      type=${shown ? 'text' : 'password'} value=${value} autocapitalize="off" spellcheck=${false}
      onInput=${(/** @type {any} */ e) => onvalue?.(e.target.value)} ...${rest} />
      <${Button} pressed=${shown} aria-label=${t('field.showPassword')} onclick=${() => setShown(!shown)}>
        ${shown ? t('field.hide') : t('field.show')}<//></div>`}<//>`;
}

/** @param {{label: any, hint?: any, checked: boolean, onvalue: (on: boolean) => void, disabled?: boolean, name?: string}} props */
export function CheckField({ label, hint, checked, onvalue, ...rest }) {
  const id = useId();
  return html`<label class="check"><input type="checkbox" checked=${checked} ...${rest}
    aria-describedby=${hint ? id : undefined}
    onChange=${(/** @type {any} */ e) => onvalue(e.target.checked)} />
    <span>${label}${hint && html`<span class="meta" id=${id}><br />${hint}</span>`}</span></label>`;
}

/** Radio buttons under one legend. `look` "segments" sets them side by side.
 *  @param {{label: string, hint?: any, error?: string, value: any, onvalue: (value: string) => void,
 *   options: {value: string, label: any, hint?: any}[], look?: 'segments' | 'list'}} props */
export function RadioGroup({ label, hint, error, value, onvalue, options, look = 'list' }) {
  const name = useId();
  const described = cx(hint && `${name}-hint`, error && `${name}-error`) || undefined;
  return html`<fieldset class="group" aria-describedby=${described}><legend>${label}</legend>
    ${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
    <div class=${look === 'segments' ? 'segments' : 'stack tight'}>
      ${options.map((o) => html`<label class=${look === 'segments' ? '' : 'check'}>
        <input type="radio" name=${name} value=${o.value} checked=${o.value === value}
          onChange=${() => onvalue(o.value)} /><span>${o.label}${o.hint
            && html`<span class="meta"><br />${o.hint}</span>`}</span></label>`)}
    </div><${FieldError} text=${error} id="${name}-error" /></fieldset>`;
}

/** What the server refused, above a form. @param {{error: any}} props */
export function FormError({ error }) {
  if (!error) return null;
  return html`<div class="notice bad" role="alert"><${Icon} name="alert" />
    <p class="grow wrap">${error.message ?? String(error)}${error.id
      && html` <span class="meta">${t('state.errorId', { id: error.id })}</span>`}</p></div>`;
}
