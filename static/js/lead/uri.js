// @ts-check
// Addresses in buckets: what can be said of one without asking the server. Whether the bucket is
// there and may be read is for the server to say.

const KEY_MOST = 1024;   // bytes of UTF-8

/**
 * Why a text is no address in a bucket, as the end of a words' name; '' when it may be one. Other
 * forms than s3:// are left to the server.
 * @param {string} text @param {{key?: boolean}} [needs] key: a bucket alone is not enough
 */
export function uriProblem(text, { key = false } = {}) {
  const uri = text.trim();
  if (/^https?:\/\//.test(uri)) return '';
  if (!uri.startsWith('s3://')) return 'scheme';
  const slash = uri.indexOf('/', 5);
  const bucket = uri.slice(5, slash < 0 ? undefined : slash);
  const rest = slash < 0 ? '' : uri.slice(slash + 1);
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) return 'bucket';
  if (key && !rest && slash < 0) return 'key';
  return new TextEncoder().encode(rest).length > KEY_MOST ? 'long' : '';
}

/** What a refusal of the server says about one field. @param {any} error @param {...string} fields */
export function fieldError(error, ...fields) {
  return error && fields.includes(error.field) ? String(error.message) : '';
}
