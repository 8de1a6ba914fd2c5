// @ts-check
// The items' filter in its three forms: an object, the address (so that Back works and a filter can
// be sent to a colleague) and the line of text a lead may type:
//     state:labelled origin:machine label:"Stop sign" by:person_4 below:0.7 some words

/** @typedef {{state?: string, origin?: string, label?: string, annotator?: string, below?: string,
 *  q?: string}} Filter */

export const STATES = ['waiting', 'open', 'answered', 'labelled', 'failed'];
export const ORIGINS = ['human', 'machine', 'provisional'];
const FIELDS = /** @type {const} */ (['state', 'origin', 'label', 'annotator', 'below', 'q']);
/** Words people may type for a field. @type {Record<string, keyof Filter>} */
const WORDS = { state: 'state', is: 'state', origin: 'origin', from: 'origin', label: 'label',
  by: 'annotator', annotator: 'annotator', below: 'below', posterior: 'below' };

/**
 * Only what the server knows, empty values left out.
 * @param {Record<string, string | undefined | null>} values
 * @returns {Filter}
 */
export function cleanFilter(values) {
  /** @type {Filter} */
  const out = {};
  for (const field of FIELDS) {
    const value = (values[field] ?? '').trim();
    if (!value) continue;
    if (field === 'state' && !STATES.includes(value)) continue;
    if (field === 'origin' && !ORIGINS.includes(value)) continue;
    if (field === 'below' && !isShare(value)) continue;
    out[field] = field === 'below' ? value.replace(',', '.') : value;
  }
  return out;
}

/** @param {string} text a probability above 0 and at most 1, with a point or a comma */
export function isShare(text) {
  const n = Number(text.trim().replace(',', '.'));
  return text.trim() !== '' && n > 0 && n <= 1;
}

/** @param {string} search as in location.search @returns {Filter} */
export function filterFromSearch(search) {
  return cleanFilter(Object.fromEntries(new URLSearchParams(search)));
}

/** @param {Filter} filter @returns {string} with the question mark, or empty */
export function filterToSearch(filter) {
  const params = new URLSearchParams();
  const clean = cleanFilter(filter);
  for (const field of FIELDS) if (clean[field]) params.set(field,
    /** @type {string} */ (clean[field]));
  const text = params.toString();
  return text ? `?${text}` : '';
}

/**
 * @param {string} text
 * @returns {{filter: Filter, unknown: string[]}} unknown: words with a colon that name no field or
 *  no value of it
 */
export function filterFromText(text) {
  /** @type {Record<string, string>} */
  const values = {};
  const unknown = [], words = [];
  for (const match of text.matchAll(/([\p{L}_]+):"((?:[^"\\]|\\.)*)"|([\p{L}_]+):(\S+)|"((?:[^"\\]|\\.)*)"|(\S+)/gu)) {
    const name = match[1] ?? match[3];
    const value = (match[2] ?? match[5] ?? '').replace(/\\(.)/g, '$1') || match[4] || match[6]
      || '';
    if (!name) { words.push(value); continue; }
    const field = WORDS[name.toLowerCase()];
    if (field && cleanFilter({ [field]: value })[field]) values[field] = value;
    else if (field) unknown.push(match[0]);
    else words.push(match[0]);
  }
  if (words.length) values.q = words.join(' ');
  return { filter: cleanFilter(values), unknown };
}

/** @param {Filter} filter @returns {string} */
export function filterToText(filter) {
  const clean = cleanFilter(filter);
  const parts = [];
  for (const field of FIELDS) {
    const value = clean[field];
    if (!value || field === 'q') continue;
    parts.push(`${field === 'annotator' ? 'by' : field}:${quote(value)}`);
  }
  // Words that would read as a field are put in quotes; other words stay as they were typed.
  if (clean.q) parts.push(/(^|\s)\p{L}+:|["\\]/u.test(clean.q) ? `"${escape(clean.q)}"` : clean.q);
  return parts.join(' ');
}

/** @param {string} value */
function quote(value) { return /[\s"\\]/.test(value) ? `"${escape(value)}"` : value; }
/** @param {string} value */
function escape(value) { return value.replace(/["\\]/g, '\\$&'); }
