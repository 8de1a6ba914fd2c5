// @ts-check
// The wizard's state: one plain object that is kept while a job is being described, what is still
// wrong with it, and the requests it turns into. No page, no storage, no network here.

import { labelProblems, labelsToSend, withDefaults } from './labels.js';
import { uriProblem } from './uri.js';

export const STEPS = /** @type {const} */ (['data', 'task', 'labels', 'guide', 'people', 'quality',
  'check']);
/** @typedef {typeof STEPS[number]} Step */
export const TYPES = /** @type {const} */ (['image-classification', 'text-classification']);

export const DESCRIPTION_MOST = 1000;   // characters
const LEASE_MOST = 30 * 86400;         // seconds
const AVAILABLE_LEAST = 60;
const AVAILABLE_MOST = 30 * 86400;

/**
 * @typedef {object} Draft
 * @property {string} title
 * @property {string} name
 * @property {boolean} nameTyped   the name was written by hand and no longer follows the title
 * @property {string} type         empty until chosen
 * @property {string} pasted       texts pasted in, one a line
 * @property {{name: string, size: number, kind: string, items: number, bad: number, images:
 *  boolean, partial: boolean}[]} files what was chosen (the bytes are kept apart)
 * @property {'lines'|'whole'} textFiles a .txt file is one item a line, or one item
 * @property {string} bucket       an address of items in a bucket, or empty
 * @property {import('./labels.js').Label[]} labels
 * @property {string} description  plain text
 * @property {string} instructions
 * @property {boolean} everybody   all annotators may label, or only those chosen
 * @property {string[]} people
 * @property {string[]} teams
 * @property {number} annotators
 * @property {string} consolidation
 * @property {boolean} autoAdvance
 * @property {boolean} autoLabel
 * @property {number} target       per cent
 * @property {number|null} maxHuman
 * @property {number|null} maxShare per cent
 * @property {number} lease        minutes
 * @property {number} open
 * @property {number|null} availability hours
 * @property {string} output       an address in a bucket, or empty
 * @property {string} job          id, once the server has it
 * @property {string[]} sent       uploads that are done, by key
 * @property {string} reading      "key id": the import from the bucket that was begun
 * @property {string[]} refused    field, value and sentence of what the server refused last, or empty
 * @property {string} saved        time of the last change, ISO 8601
 */

/** @returns {Draft} */
export function emptyDraft() {
  return { title: '', name: '', nameTyped: false, type: '', pasted: '', files: [],
    textFiles: 'lines',
    bucket: '', labels: [], description: '', instructions: '', everybody: true, people: [], teams: [],
    annotators: 1, consolidation: 'em', autoAdvance: true, autoLabel: true, target: 95,
    maxHuman: null, maxShare: null, lease: 5, open: 1000, availability: null, output: '',
    job: '', sent: [], reading: '', refused: [], saved: '' };
}

/**
 * A stored draft, with anything an older version did not have filled in.
 * @param {unknown} stored @returns {Draft}
 */
export function reviveDraft(stored) {
  const fresh = /** @type {Record<string, any>} */ (emptyDraft());
  if (!stored || typeof stored !== 'object') return /** @type {any} */ (fresh);
  for (const [key, value] of Object.entries(stored)) {
    if (!(key in fresh) || value === undefined) continue;
    const model = fresh[key];
    if (model === null ? value === null || typeof value === 'number'
      : Array.isArray(model) ? Array.isArray(value)
        : typeof model === typeof value) fresh[key] = value;
  }
  return /** @type {any} */ (fresh);
}

/**
 * A job name out of a title: letters, digits and single hyphens, 63 at most; '' when nothing is
 *  left.
 * @param {string} title
 */
export function nameFrom(title) {
  return title.normalize('NFKD').replace(/\p{M}/gu, '').replace(/ß/g, 'ss')
    .replace(/[^A-Za-z0-9]+/g, '-').slice(0, 63).replace(/^-+|-+$/g, '').toLowerCase();
}

/** @param {string} name */
export function nameIsFine(name) { return /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/.test(name); }

/**
 * Changes one or more fields; the name follows the title until somebody writes it by hand, and
 * the type follows the first data that is added.
 * @param {Draft} draft @param {Partial<Draft>} change @param {string} [now]
 * @returns {Draft}
 */
export function changeDraft(draft, change, now = new Date().toISOString()) {
  const out = { ...draft, ...change, saved: now };
  if ('name' in change) out.nameTyped = change.name !== '';
  if ('title' in change && !out.nameTyped) out.name = nameFrom(out.title);
  if (('files' in change || 'pasted' in change || 'bucket' in change) && !draft.type) out.type = guessType(out);
  if ('labels' in change) out.labels = withDefaults(out.labels);
  return out;
}

/** @param {Draft} draft */
function guessType(draft) {
  const bucket = draft.bucket.trim();
  if (uriProblem(bucket, { key: true })) {   // not written to its end
    if (!draft.files.length && !draft.pasted.trim()) return '';
  } else if (/(\/|\.jpe?g|\.png)$/i.test(bucket)) return 'image-classification';
  if (draft.files.some(f => f.images)) return 'image-classification';
  return draft.files.length || draft.pasted.trim() ? 'text-classification' : '';
}

/** How many items the draft will bring, as far as is known. @param {Draft} draft */
export function itemCount(draft) {
  const pasted = draft.pasted.split(/\r\n|\r|\n/).filter(l => l.trim()).length;
  return pasted + draft.files.reduce((sum, f) => sum + f.items, 0);
}

/**
 * What stands in the way of starting (stop) or should be looked at (look), with the step to fix it.
 * @param {Draft} draft
 * @param {{missing?: string[]}} [seen] files whose bytes are not here any more
 * @returns {{step: Step, level: 'stop'|'look', code: string, params?: Record<string, any>}[]}
 */
export function draftProblems(draft, seen = {}) {
  /** @type {ReturnType<typeof draftProblems>} */
  const out = [];
  /** @param {Step} step @param {string} code @param {Record<string, any>} [params] */
  const stop = (step, code, params) => out.push({ step, level: 'stop', code, params });
  /** @param {Step} step @param {string} code @param {Record<string, any>} [params] */
  const look = (step, code, params) => out.push({ step, level: 'look', code, params });

  if (itemCount(draft) === 0 && !draft.bucket.trim()) stop('data', 'nodata');
  if (draft.bucket.trim() && uriProblem(draft.bucket, { key: true })) stop('data', 'badbucket');
  if (refusalOf(draft, 'source', draft.bucket)) stop('data', 'badbucket');
  if (seen.missing?.length) stop('data', 'missing',
    { names: seen.missing.join(', '), n: seen.missing.length });
  const bad = draft.files.reduce((sum, f) => sum + f.bad, 0);
  if (bad) look('data', 'badlines', { n: bad });
  if (!draft.title.trim()) stop('task', 'notitle');
  else if ([...draft.title].length > 200) stop('task', 'longtitle');
  if (draft.title.trim() && !draft.name) stop('task', 'noname');
  else if (draft.name && !nameIsFine(draft.name)) stop('task', 'badname');
  if (!draft.type) stop('task', 'notype');
  const images = draft.files.some(f => f.images), texts = draft.pasted.trim()
    || draft.files.some(f => !f.images);
  if (draft.type === 'image-classification' && texts) look('data', 'textinimages');
  if (draft.type === 'text-classification' && images) stop('data', 'imagesintext');
  for (const p of labelProblems(draft.labels)) stop('labels', `labels.${p.code}`,
    { name: p.name, rows: p.rows });
  if (!draft.instructions.trim()) look('guide', 'noguide');
  if ([...draft.description].length > DESCRIPTION_MOST) stop('guide', 'longdescription');
  if (!draft.everybody && !draft.people.length && !draft.teams.length) stop('people', 'nobody');
  if (!within(draft.annotators, 1, 9) || !Number.isInteger(draft.annotators)) stop('quality',
    'annotators');
  if (draft.autoLabel && !within(draft.target, 80, 99.9)) stop('quality', 'target');
  if (draft.autoLabel && draft.target >= 97 && within(draft.target, 80, 99.9)) look('quality',
    'hightarget');
  if (draft.maxShare !== null && !(within(draft.maxShare, 1, 100)
    && Number.isInteger(draft.maxShare))) stop('quality', 'maxshare');
  if (draft.maxHuman !== null && !(draft.maxHuman >= 1 && Number.isInteger(draft.maxHuman))) {
    stop('quality', 'maxhuman');
  }
  if (draft.availability !== null && !within(availabilitySeconds(draft.availability),
    AVAILABLE_LEAST, AVAILABLE_MOST)) stop('quality', 'availability');
  if ((draft.output.trim() && uriProblem(draft.output))
    || refusalOf(draft, 'output', draft.output)) stop('quality', 'badoutput');
  if (!within(draft.lease * 60, 30, LEASE_MOST)) stop('quality', 'lease');
  if (!(draft.open >= 1 && Number.isInteger(draft.open))) stop('quality', 'open');
  if (draft.annotators === 1 && !draft.autoLabel) look('quality', 'single');
  return out;
}

/** @param {number|null} hours 0 seconds: for as long as it takes */
export const availabilitySeconds = (hours) => Math.round((hours ?? 0) * 3600);

/** What the server said of a field that still holds the same. @param {Draft} draft
 *  @param {'source'|'output'} field @param {string} value */
export function refusalOf(draft, field, value) {
  const [name, of, sentence] = draft.refused;
  return name === field && of === value ? sentence : '';
}

/** @param {number} n @param {number} low @param {number} high */
function within(n, low, high) { return Number.isFinite(n) && n >= low && n <= high; }

/** @param {ReturnType<typeof draftProblems>} problems @param {Step} step @returns
 *  {'stop'|'look'|'done'} */
export function stepState(problems, step) {
  const mine = problems.filter(p => p.step === step);
  return mine.some(p => p.level === 'stop') ? 'stop' : mine.length ? 'look' : 'done';
}

/** The body of POST /jobs. @param {Draft} draft */
export function jobRequest(draft) {
  /** @type {Record<string, any>} */
  const body = { name: draft.name, type: draft.type, title: draft.title.trim(),
    labels: labelsToSend(draft.labels), description: draft.description.trim(),
    instructions: draft.instructions,
    annotators_per_item: draft.annotators, open_items: draft.open,
    lease_seconds: Math.round(draft.lease * 60), consolidation: draft.consolidation,
    auto_advance: draft.autoAdvance,
    auto_label: { ...autoLabelRequest(draft), ...limitsRequest(draft) } };
  if (draft.output.trim()) body.output = draft.output.trim();
  if (draft.availability !== null) {
    body.availability_seconds = availabilitySeconds(draft.availability);
  }
  if (!draft.everybody) { body.people = draft.people; body.teams = draft.teams; }
  return body;
}

/** @param {{autoLabel: boolean, target: number}} of */
export function autoLabelRequest(of) {
  return { enabled: of.autoLabel, target: Math.round(of.target * 10) / 1000 };
}

/** When the job stops early, with or without the machine; 0: never. @param {{maxHuman:
 *  number|null, maxShare: number|null}} of */
export function limitsRequest(of) {
  return { max_human_items: of.maxHuman ?? 0, max_share_percent: of.maxShare ?? 0 };
}
