import assert from 'node:assert/strict';
import test from 'node:test';
import { parse, plain, safeLink } from '../../../static/js/core/markdown.js';

const TAGS = new Set(['p', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'blockquote', 'pre', 'code', 'hr', 'strong',
  'em', 'a', 'br']);

function* walk(nodes) {
  for (const node of nodes) {
    yield node;
    if (typeof node !== 'string') yield* walk(node.kids);
  }
}

test('the usual things', () => {
  const tree = parse('# Title\n\nSome **bold** and *soft* `code`.\n\n- one\n- two\n  - deep\n\n3. three\n4. four\n\n'
    + '> quoted\n\n---\n\n```\nif (a < b)\n```\n');
  assert.deepEqual(tree.map((n) => n.tag), ['h3', 'p', 'ul', 'ol', 'blockquote', 'hr', 'pre']);
  assert.deepEqual(tree[1].kids.map((n) => n.tag ?? n), ['Some ', 'strong', ' and ', 'em', ' ', 'code', '.']);
  assert.equal(tree[2].kids.length, 2);
  assert.equal(tree[2].kids[1].kids.at(-1).tag, 'ul');
  assert.equal(tree[3].start, 3);
  assert.equal(tree[6].kids[0].kids[0], 'if (a < b)');
});

test('markup of the writer is text', () => {
  const source = '<script>alert(1)</script> <img src=x onerror=alert(1)> &lt;';
  const tree = parse(source);
  assert.deepEqual(tree, [{ tag: 'p', kids: [source] }]);
});

test('addresses that run code do not become links', () => {
  const bad = ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\nscript:alert(1)', '\u0001javascript:alert(1)',
    'data:text/html,x', 'vbscript:x', '//evil.example', 'java\tscript:x', ' javascript:x', 'blob:x', 'file:///x'];
  for (const href of bad) {
    assert.equal(safeLink(href), false, href);
    for (const node of walk(parse(`[x](${href}) <${href}>`))) assert.notEqual(node.tag, 'a', href);
  }
  for (const href of ['https://a.example/x?y=1', 'mailto:a@b.example', '/jobs', '#top']) {
    assert.equal(safeLink(href), true, href);
  }
});

test('words with underscores stay whole', () => {
  assert.deepEqual(parse('card_not_working and lost_or_stolen')[0].kids, ['card_not_working and lost_or_stolen']);
  assert.equal(parse('an _emphasis_ here')[0].kids[1].tag, 'em');
});

test('random text: only known tags, no text lost but the marks, and it ends', () => {
  let seed = 7;
  const random = (n) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % n;
  };
  const bits = ['*', '_', '`', '[', ']', '(', ')', '<', '>', '#', '-', '1.', '\n', ' ', 'a', 'word', '\\', '~~~',
    '```', 'javascript:', 'https://x.y', '!', '👍🏿', 'ع'];
  for (let round = 0; round < 400; round++) {
    const text = Array.from({ length: random(120) }, () => bits[random(bits.length)]).join('');
    const words = text.match(/word/g)?.length ?? 0;
    let found = 0;
    for (const node of walk(parse(text))) {
      if (typeof node === 'string') found += node.match(/word/g)?.length ?? 0;
      else {
        assert.ok(TAGS.has(node.tag), node.tag);
        if (node.tag === 'a') assert.ok(safeLink(node.href));
        if (node.tag === 'a' && /word/.test(node.href)) found += node.href.match(/word/g).length;
      }
    }
    assert.ok(found >= words - (text.match(/[(][^)]*word/g)?.length ?? 0) * 10, JSON.stringify(text));
  }
  // What would explode, were any of it tried again from each place: then this test would not end.
  assert.ok(parse('*'.repeat(5000) + '['.repeat(5000) + '`'.repeat(5000) + '> '.repeat(5000)).length > 0);
  assert.ok(parse(`${'- '.repeat(3000)}\n`.repeat(3)).length > 0);
});

test('plain words for a preview', () => {
  assert.equal(plain(parse('# A\n\nb **c**\n\n- d')), 'A b c d');
});
