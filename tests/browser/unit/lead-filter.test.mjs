import test from 'node:test';
import assert from 'node:assert/strict';
import { cleanFilter, filterFromSearch, filterFromText, filterToSearch, filterToText, isShare }
  from '../../../static/js/lead/filter.js';

test('a filter survives the address and the typed line', () => {
  const filters = [
    {}, { state: 'labelled' }, { origin: 'machine', below: '0.7' }, { label: 'Stop sign', q: 'two words' },
    { label: 'say "no"', annotator: 'person_4' }, { label: 'C:\\x', q: 'by:nobody "x"' },
    { label: 'قطة', q: '👍🏿 يوم' }, { label: '100 % & more?', q: 'a=b&c' },
  ];
  for (const filter of filters) {
    assert.deepEqual(filterFromSearch(filterToSearch(filter)), filter);
    assert.deepEqual(filterFromText(filterToText(filter)), { filter, unknown: [] });
  }
});

test('what the server does not know is left out of the address and named in the typed line', () => {
  assert.deepEqual(cleanFilter({ state: 'asleep', origin: 'x', below: '7', q: '  ' }), {});
  assert.deepEqual(filterFromText('state:asleep is:open nosuch:thing below:0,5 hello'),
    { filter: { state: 'open', below: '0.5', q: 'nosuch:thing hello' }, unknown: ['state:asleep'] });
});

test('a share is above 0 and at most 1', () => {
  assert.deepEqual(['0.5', '1', '0,95', '.2'].map(isShare), [true, true, true, true]);
  assert.deepEqual(['', '0', '1.01', '-1', 'x', '0.5.1'].map(isShare), Array(6).fill(false));
});

test('no filter is an empty address', () => {
  assert.equal(filterToSearch({}), '');
  assert.equal(filterToSearch({ q: 'a b' }), '?q=a+b');
});
