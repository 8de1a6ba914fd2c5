// @ts-check
// Numbers, dates and sizes in the reader's own language. Nothing here knows the page.

let locale = 'en';
/** @type {Map<string, any>} formatters are slow to make and few */
const made = new Map();

/** @param {string} tag a BCP 47 tag; the language of all that is formatted from here on */
export function setLocale(tag) {
  locale = tag;
  made.clear();
}

/** @template T @param {string} key @param {() => T} make @returns {T} */
function once(key, make) {
  if (!made.has(key)) made.set(key, make());
  return made.get(key);
}

/** @param {number} n @param {number} [digits] most digits after the point */
export function number(n, digits = 0) {
  const f = once(`n${digits}`, () => new Intl.NumberFormat(locale, { maximumFractionDigits: digits }));
  return f.format(n);
}

/** @param {number} share 0…1 @param {number} [digits] */
export function percent(share, digits = 0) {
  const options = { style: /** @type {const} */ ('percent'), maximumFractionDigits: digits };
  return once(`p${digits}`, () => new Intl.NumberFormat(locale, options)).format(share);
}

/** @param {string | number | Date} at @param {Intl.DateTimeFormatOptions} options @param {string} key */
function dated(at, options, key) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '–';
  return once(key, () => new Intl.DateTimeFormat(locale, options)).format(date);
}

/** A day: 21 Nov 2026. @param {string | number | Date} at */
export function date(at) {
  return dated(at, { dateStyle: 'medium' }, 'date');
}

/** A day and the minute. @param {string | number | Date} at */
export function dateTime(at) {
  return dated(at, { dateStyle: 'medium', timeStyle: 'short' }, 'datetime');
}

/** The time of day with seconds: 12:04:11. @param {string | number | Date} at */
export function clock(at) {
  return dated(at, { timeStyle: 'medium', hourCycle: 'h23' }, 'clock');
}

/** The time of day to the minute. @param {string | number | Date} at */
export function minute(at) {
  return dated(at, { timeStyle: 'short' }, 'minute');
}

/** @type {[Intl.RelativeTimeFormatUnit, number][]} seconds in a unit, largest first */
const UNITS = [['year', 31557600], ['month', 2629800], ['week', 604800], ['day', 86400],
  ['hour', 3600], ['minute', 60]];

/** "3 minutes ago", "in 2 days". @param {string | number | Date} at @param {number} [now] ms */
export function ago(at, now = Date.now()) {
  const seconds = (new Date(at).getTime() - now) / 1000;
  if (Number.isNaN(seconds)) return '–';
  const f = once('ago', () => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }));
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return f.format(Math.trunc(seconds / size), unit);
  }
  return f.format(0, 'second');
}

/** A span as a stopwatch shows it: 0:58, 12:04, 1:02:03. @param {number} ms */
export function duration(ms) {
  const all = Math.max(0, Math.round(ms / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A span in words: "2 h 5 min", "40 s". @param {number} ms */
export function span(ms) {
  const s = Math.round(ms / 1000);
  if (s < 60) return `${number(s)} s`;
  const m = Math.round(s / 60);
  if (m < 60) return `${number(m)} min`;
  const h = Math.floor(m / 60);
  if (h < 48) return m % 60 ? `${number(h)} h ${m % 60} min` : `${number(h)} h`;
  return `${number(Math.round(h / 24))} d`;
}

/** A span for the eye, rounded up to its largest unit: "2 minutes", "1 hour". @param {number} ms */
export function about(ms) {
  const [unit, size] = ms > 5400000 ? ['hour', 3600000] : ms > 90000 ? ['minute', 60000]
    : ['second', 1000];
  const options = /** @type {Intl.NumberFormatOptions} */ (
    { style: 'unit', unit, unitDisplay: 'long' });
  return once(`about${unit}`, () => new Intl.NumberFormat(locale, options))
    .format(Math.max(1, Math.ceil(ms / Number(size))));
}

/** 1,5 MB and the like; powers of 1024. @param {number} n */
export function bytes(n) {
  const names = ['B', 'KB', 'MB', 'GB', 'TB'];
  let i = 0;
  while (n >= 1024 && i < names.length - 1) {
    n /= 1024;
    i++;
  }
  return `${number(n, i && n < 100 ? 1 : 0)} ${names[i]}`;
}

/** Which plural form a count takes. @param {number} n @returns {Intl.LDMLPluralRule} */
export function plural(n) {
  return once('plural', () => new Intl.PluralRules(locale)).select(n);
}

/** For sorting names as people expect: a2 before a10. @param {string} a @param {string} b */
export function compare(a, b) {
  const make = () => new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });
  return once('collate', make).compare(a, b);
}

/** How many user-perceived characters a text has (👍🏿 is one). @param {string} text */
export function characters(text) {
  const make = () => new Intl.Segmenter(locale, { granularity: 'grapheme' });
  let n = 0;
  for (const _ of once('graphemes', make).segment(text)) n++;
  return n;
}
