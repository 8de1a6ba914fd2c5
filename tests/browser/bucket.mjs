// A server of buckets for the journeys: objects in memory, no look at signatures (tests/clients does
// that), and it can be made to refuse everything.

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const xml = (text) => text.replace(/[<>&]/g, (c) => `&#${c.charCodeAt(0)};`);

export class Buckets {
  /** @param {string[]} names of the buckets that are there */
  constructor(names) {
    /** @type {Map<string, Buffer>} "bucket/key" -> bytes */
    this.objects = new Map();
    this.names = new Set(names);
    /** @type {(method: string, path: string) => boolean} whether a request is refused with 503 */
    this.refuses = () => false;
    this.server = createServer((request, response) => {
      /** @type {Buffer[]} */
      const parts = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => this.answer(request, response, Buffer.concat(parts)));
    });
  }

  /** What a client of buckets finds in its environment. @returns {Promise<Record<string, string>>} */
  async start() {
    await new Promise((r) => { this.server.listen(0, '127.0.0.1', () => r(undefined)); });
    const { port } = /** @type {any} */ (this.server.address());
    return { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`, AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'us-east-1' };
  }

  stop() {
    this.server.close();
    this.server.closeAllConnections();
  }

  answer(request, response, body) {
    const url = new URL(request.url, 'http://x');
    const path = decodeURIComponent(url.pathname).slice(1);
    const [bucket] = path.split('/', 1);
    const say = (status, bytes = '', headers = {}) => {
      const out = Buffer.from(bytes);
      response.writeHead(status, { 'Content-Length': out.length, ...headers });
      response.end(request.method === 'HEAD' ? undefined : out);
    };
    const fault = (status, code) => say(status, `<Error><Code>${code}</Code><Message>so it is</Message></Error>`);
    if (this.refuses(request.method, path)) return fault(503, 'SlowDown');
    if (!this.names.has(bucket)) return fault(404, 'NoSuchBucket');
    if (request.method === 'PUT') {
      this.objects.set(path, body);
      return say(200, '', { ETag: tag(body) });
    }
    if (request.method === 'DELETE') {
      this.objects.delete(path);
      return say(204);
    }
    if (path === bucket || path === `${bucket}/`) return say(200, this.list(bucket, url.searchParams));
    const whole = this.objects.get(path);
    if (!whole) return fault(404, 'NoSuchKey');
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    if (!range) return say(200, whole, { ETag: tag(whole) });
    const [from, to] = [Number(range[1]), Math.min(Number(range[2] || Infinity), whole.length - 1)];
    if (from >= whole.length) return fault(416, 'InvalidRange');
    return say(206, whole.subarray(from, to + 1),
      { ETag: tag(whole), 'Content-Range': `bytes ${from}-${to}/${whole.length}` });
  }

  list(bucket, query) {
    const prefix = query.get('prefix') ?? '';
    const keys = [...this.objects.keys()].filter((k) => k.startsWith(`${bucket}/${prefix}`)).sort();
    return `<ListBucketResult><Name>${bucket}</Name><IsTruncated>false</IsTruncated>${keys.map((k) =>
      `<Contents><Key>${xml(k.slice(bucket.length + 1))}</Key><Size>${this.objects.get(k).length}</Size>`
      + `<ETag>${tag(this.objects.get(k))}</ETag></Contents>`).join('')}</ListBucketResult>`;
  }
}

const tag = (bytes) => `"${createHash('md5').update(bytes).digest('hex')}"`;
