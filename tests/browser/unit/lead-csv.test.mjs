import test from 'node:test';
import assert from 'node:assert/strict';
import { csvField, csvRows, csvText } from '../../../static/js/lead/csv.js';
import { fileKind, lookAt, textToJsonLines } from '../../../static/js/lead/manifest.js';

test('fields are quoted only where they must be', () => {
  assert.equal(csvField('plain'), 'plain');
  assert.equal(csvField('a,b'), '"a,b"');
  assert.equal(csvField('say "x"\n'), '"say ""x""\n"');
  assert.equal(csvField(null), '');
  assert.equal(csvField(0.5), '0.5');
});

test('text that a spreadsheet would run gets an apostrophe, numbers do not', () => {
  assert.equal(csvField('=1+1'), "'=1+1");
  assert.equal(csvField('@x,y'), '"\'@x,y"');
  assert.equal(csvField(-3), '-3');
});

test('what is written is read back', () => {
  const rows = [['a', 'b "c"'], ['x\ny', ',,'], ['é 👍🏿', 'قطة'], ['', 'end']];
  const got = csvRows(csvText(['h', 'i'], rows));
  assert.equal(got.open, false);
  assert.deepEqual(got.rows.map(r => r.fields), [['h', 'i'], ...rows]);
  assert.deepEqual(got.rows.map(r => r.line), [1, 2, 3, 5, 6]);
});

test('an open quote is noticed', () => {
  assert.equal(csvRows('a,"b\nc').open, true);
});

test('a manifest is looked at line by line', () => {
  const look = lookAt('{"source":"one"}\nnot json\n\n[1]\n{"id":1}\n{"source-ref":"a.jpg"}\n', 'manifest', false);
  assert.equal(look.items, 5);
  assert.deepEqual(look.errors, [{ line: 2, code: 'json' }, { line: 4, code: 'object' }, { line: 5, code: 'nosource' }]);
  assert.deepEqual(look.samples, [{ line: 1, text: 'one' }, { line: 6, ref: 'a.jpg' }]);
  assert.equal(look.images, true);
});

test('the head of a large file does not blame the line that was cut', () => {
  const look = lookAt('{"source":"one"}\n{"sour', 'manifest', true);
  assert.deepEqual([look.items, look.errors.length], [1, 0]);
});

test('a CSV needs a column it knows and the same number of fields in each row', () => {
  assert.deepEqual(lookAt('id,title\n1,x\n', 'csv', false).errors, [{ line: 1, code: 'column' }]);
  const look = lookAt('\ufeffid,text\n1,"two\nlines"\n2\n3,end\n', 'csv', false);
  assert.deepEqual(look.errors, [{ line: 4, code: 'fields' }]);
  assert.deepEqual(look.samples, [{ line: 2, text: 'two\nlines' }, { line: 5, text: 'end' }]);
  assert.deepEqual(lookAt('text\n"open\n', 'csv', false).errors.map(e => e.code), ['quote']);
});

test('plain text becomes JSON Lines', () => {
  assert.equal(textToJsonLines('\ufeffone\r\n\n"two"\r'), '{"source":"one"}\n{"source":"\\"two\\""}\n');
});

test('a file is known by its ending', () => {
  assert.deepEqual(['a.JPG', 'b.png', 'c.jsonl', 'd.csv', 'e.txt', 'f.gif', 'g'].map(fileKind),
    ['image', 'image', 'manifest', 'csv', 'text', 'other', 'other']);
});
