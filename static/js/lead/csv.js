// @ts-check
// CSV both ways: what the charts' "Download CSV" writes (RFC 4180: comma, CRLF, quotes doubled),
// and the reading of the first rows of a file that somebody is about to upload.

/**
 * One field. Text that a spreadsheet would run as a formula gets an apostrophe in front, as
 * spreadsheets themselves write it; numbers are left alone, or -3 would turn into text.
 * @param {unknown} value
 */
export function csvField(value) {
  if (value === null || value === undefined) return '';
  let text = String(value);
  if (typeof value === 'string' && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A whole file. The byte order mark is there because spreadsheets otherwise read UTF-8 as Latin-1.
 * @param {string[]} header
 * @param {unknown[][]} rows
 */
export function csvText(header, rows) {
  return '\ufeff' + [header, ...rows].map(row => row.map(csvField).join(',') + '\r\n').join('');
}

/**
 * Reads CSV text into rows of fields, each with the line it starts on.
 * @param {string} text
 * @param {number} [limit] stop after so many rows
 * @returns {{rows: {line: number, fields: string[]}[], open: boolean}} open: the text ends inside
 *  quotes
 */
export function csvRows(text, limit = Infinity) {
  /** @type {{line: number, fields: string[]}[]} */
  const rows = [];
  let fields = /** @type {string[]} */ ([]), field = '', quoted = false, line = 1, start = 1;
  let i = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const endRow = () => {
    fields.push(field);
    if (fields.length > 1 || field !== '') rows.push({ line: start, fields });
    fields = []; field = ''; start = line;
  };
  for (; i < text.length && rows.length < limit; i++) {
    const c = text[i];
    if (c === '\n') line++;
    if (quoted) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') { field += '"'; i++; }
      else quoted = false;
    } else if (c === '"' && field === '') quoted = true;
    else if (c === ',') { fields.push(field); field = ''; }
    else if (c === '\n') endRow();
    else if (c !== '\r') field += c;
  }
  if (rows.length < limit && (field !== '' || fields.length)) endRow();
  return { rows, open: quoted };
}
