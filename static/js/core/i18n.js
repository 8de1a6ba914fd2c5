// @ts-check
// Words by key. A text is a string with {names}, or one string per plural form of {n}.

import { number, plural } from './format.js';

/** @typedef {string | {one?: string, few?: string, many?: string, other: string}} Text */
/** @typedef {{[key: string]: Text | Strings}} Strings */

/** @type {Map<string, Text>} flat: "login.title" -> text */
const texts = new Map();

const FORMS = ['zero', 'one', 'two', 'few', 'many', 'other'];

/** @param {any} value @returns {value is Text} */
function isText(value) {
  return typeof value === 'string'
    || (typeof value.other === 'string' && Object.keys(value).every((form) => FORMS.includes(form)));
}

/** Adds a language file, or a page's own part of one. @param {object} strings @param {string} [under] */
export function addStrings(strings, under = '') {
  for (const [key, value] of Object.entries(strings)) {
    if (isText(value)) texts.set(under + key, value);
    else addStrings(value, `${under}${key}.`);
  }
}

/** Whether there is a text for a key. @param {string} key */
export function has(key) {
  return texts.has(key);
}

/**
 * The text of a key with its {names} filled in. Numbers are written the reader's way; `n` also picks
 * the plural form. A key nobody has written is shown as it is, so that it is seen in a test.
 * @param {string} key @param {{[name: string]: string | number}} [values]
 */
export function t(key, values = {}) {
  const text = texts.get(key);
  if (text === undefined) return key;
  let pattern = text;
  if (typeof pattern !== 'string') {
    const forms = /** @type {{[form: string]: string}} */ (pattern);
    pattern = forms[plural(Number(values.n ?? 0))] ?? forms.other;
  }
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? number(value, 2) : value;
  });
}
