// @ts-check
// Random identifiers. crypto.randomUUID is absent on plain http; getRandomValues is always there.

/** 128 random bits as 32 hexadecimal digits: what an Idempotency-Key is. */
export function hex128() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

/** This tab, as long as it lives. Ordered only by chance, which is enough to settle a tie. */
export const tab = hex128().slice(0, 12);
