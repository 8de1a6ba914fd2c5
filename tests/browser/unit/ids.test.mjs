import assert from 'node:assert/strict';
import test from 'node:test';
import { hex128 } from '../../../static/js/core/ids.js';

test('ids are 32 hexadecimal digits and differ', () => {
  const seen = new Set(Array.from({ length: 1000 }, hex128));
  assert.equal(seen.size, 1000);
  for (const id of seen) assert.match(id, /^[0-9a-f]{32}$/);
});

test('ids do without crypto.randomUUID and crypto.subtle, which plain http lacks', () => {
  const real = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
  Object.defineProperty(globalThis, 'crypto', { configurable: true, value: {
    getRandomValues: (bytes) => bytes.fill(0xab) } });
  try {
    assert.equal(hex128(), 'ab'.repeat(16));
  } finally {
    Object.defineProperty(globalThis, 'crypto', real);
  }
});
