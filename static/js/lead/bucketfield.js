// @ts-check
// A field for an address in a bucket, with what is wrong with it: what can be seen here at once, and
// what the server says.

import { TextField } from '../ui/field.js';
import { html, useState } from '../ui/html.js';
import { t } from './words.js';
import { uriProblem } from './uri.js';

/**
 * @param {{label: string, hint: string, value: string, onvalue: (uri: string) => void, refusal?:
 *  string, needsKey?: boolean, eager?: boolean}} props refusal: the server's sentence about this
 *  value; eager: says what is wrong before the field was left
 */
export function BucketField({ label, hint, value, onvalue, refusal = '', needsKey, eager }) {
  const [left, setLeft] = useState(false);
  const code = value.trim() ? uriProblem(value, { key: needsKey }) : '';
  const seen = left || eager || !'s3://'.startsWith(value.trim().slice(0, 5));
  return html`<${TextField} label=${label} hint=${hint} value=${value} dir="ltr" spellcheck=${false}
    autocapitalize="off" placeholder="s3://" onvalue=${onvalue} onBlur=${() => setLeft(true)}
    error=${refusal || (code && seen ? t(`bucket.wrong.${code}`) : '')} />`;
}
