import assert from 'node:assert/strict';
import test from 'node:test';
import * as keys from '../../../static/js/core/keys.js';

/** A key press without a page. */
const press = (code, more = {}) => ({ code, key: more.key ?? code, shiftKey: false, ctrlKey: false,
  metaKey: false, altKey: false, isComposing: false, defaultPrevented: false, target: null, ...more });

globalThis.Element ??= class {};
globalThis.HTMLInputElement ??= class extends Element {};

/** Something that is the focus: `inside` are the selectors that find it. */
class Focused extends Element {
  constructor(...inside) {
    super();
    this.inside = inside;
  }

  closest(selector) {
    return this.inside.some((s) => selector.includes(s)) ? this : null;
  }
}

test('no key is given twice within a hand', () => {
  for (const hand of ['left', 'right']) {
    const seen = new Map();
    for (const action of keys.ACTIONS) {
      for (const key of action[hand]) {
        const other = seen.get(key);
        // On the right-hand set Enter submits, which is what the fixed Enter does in the end.
        const same = key === 'Enter' && hand === 'right';
        assert.ok(!other || same, `${hand}: ${key} is both ${other} and ${action.id}`);
        seen.set(key, action.id);
      }
    }
  }
});

test('both hands together: no key means two things', () => {
  const seen = new Map();
  for (const action of keys.ACTIONS) {
    for (const key of keys.keysOf(action, { hand: 'both' })) {
      if (key === 'Enter') continue;
      assert.ok(!seen.has(key), `${key}: ${seen.get(key)} and ${action.id}`);
      seen.set(key, action.id);
    }
  }
});

test('letters are commands, digits are labels', () => {
  for (const action of keys.ACTIONS) {
    for (const key of [...action.left, ...action.right]) assert.doesNotMatch(key, /Digit|Numpad\d/);
  }
  assert.deepEqual(keys.meaning(press('Digit1')), { place: 1 });
  assert.deepEqual(keys.meaning(press('Digit0')), { place: 10 });
  assert.deepEqual(keys.meaning(press('Digit1', { shiftKey: true })), { place: 11 });
  assert.deepEqual(keys.meaning(press('Numpad7')), { place: 7 });
  assert.equal(keys.meaning(press('Numpad7', { shiftKey: true })), null);
});

test('places and hot keys are two ways of writing the same', () => {
  for (let n = 1; n <= 20; n++) assert.equal(keys.placeOf(keys.placeName(n)), n);
  assert.equal(keys.placeOf('Q'), 0);
  assert.equal(keys.placeOf(undefined), 0);
  assert.equal(keys.placeName(21), '');
});

test('keys sleep in fields, in dialogs and while composing', () => {
  assert.deepEqual(keys.meaning(press('KeyG')), { action: 'submit' });
  assert.equal(keys.meaning(press('KeyG', { isComposing: true })), null);
  assert.equal(keys.meaning(press('KeyG', { target: new Focused('textarea') })), null);
  assert.equal(keys.meaning(press('KeyG', { target: new Focused('dialog[open]') })), null);
  assert.equal(keys.meaning(press('Digit1', { target: new Focused('input') })), null);
});

test('a focused button keeps its Enter; G submits all the same', () => {
  const target = new Focused('button');
  assert.equal(keys.meaning(press('Enter', { target })), null);
  assert.deepEqual(keys.meaning(press('KeyG', { target })), { action: 'submit' });
  assert.ok(['enter', 'submit'].includes(keys.meaning(press('Enter')).action));
});

test('browser combinations are left alone', () => {
  for (const code of ['KeyW', 'KeyT', 'KeyN', 'KeyL', 'KeyR', 'Digit1', 'KeyF', 'KeyC']) {
    assert.equal(keys.meaning(press(code, { ctrlKey: true })), null, `Ctrl+${code}`);
  }
  assert.deepEqual(keys.meaning(press('KeyZ', { ctrlKey: true })), { action: 'undo' });
});

test('single keys off, and behind Alt', () => {
  assert.equal(keys.meaning(press('KeyX'), { mode: 'off' }), null);
  assert.equal(keys.meaning(press('Digit1'), { mode: 'off' }), null);
  assert.deepEqual(keys.meaning(press('KeyZ', { ctrlKey: true }), { mode: 'off' }), { action: 'undo' });
  assert.equal(keys.meaning(press('KeyX'), { mode: 'alt' }), null);
  assert.deepEqual(keys.meaning(press('KeyX', { altKey: true }), { mode: 'alt' }), { action: 'skip' });
  assert.deepEqual(keys.meaning(press('Digit2', { altKey: true }), { mode: 'alt' }), { place: 2 });
});

test('remapping: conflicts are refused by name', () => {
  assert.equal(keys.conflict('skip', 'KeyG'), 'submit');
  assert.equal(keys.conflict('skip', 'Comma'), '', 'its own key of the other hand');
  assert.equal(keys.conflict('skip', 'KeyQ'), '');
  assert.equal(keys.conflict('skip', 'Digit4'), 'digit');
  assert.equal(keys.conflict('skip', 'Tab'), 'reserved');
  assert.equal(keys.conflict('skip', 'Ctrl+KeyW'), 'reserved');
  assert.equal(keys.conflict('skip', 'Shift+Enter'), 'reserved');
  const settings = { remap: { skip: 'KeyQ' } };
  assert.equal(keys.conflict('undo', 'KeyQ', settings), 'skip');
  assert.equal(keys.conflict('undo', 'KeyX', settings), '', 'free, since skip has moved away');
  assert.deepEqual(keys.meaning(press('KeyQ'), settings), { action: 'skip' });
  assert.equal(keys.meaning(press('KeyX'), settings), null);
});

test('Enter and ? cannot be taken away', () => {
  const settings = { remap: { enter: 'KeyQ', help: 'KeyQ' } };
  assert.deepEqual(keys.meaning(press('Slash', { key: '?', shiftKey: true }), settings), { action: 'help' });
  assert.equal(keys.meaning(press('KeyQ'), settings), null);
});
