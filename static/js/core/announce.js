// @ts-check
// What a screen reader is told. One polite sentence a second at the most: the last one counts.

let last = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {string} id @param {string} text */
function say(id, text) {
  const el = typeof document === 'undefined' ? null : document.getElementById(id);
  if (!el) return;
  // The same sentence twice is spoken twice only if the text changes: a no-break space does that.
  el.textContent = el.textContent === text ? `${text}\u00a0` : text;
}

/** @param {string} text @param {{urgent?: boolean}} [how] urgent: an error, spoken at once */
export function announce(text, { urgent = false } = {}) {
  if (urgent) {
    say('live-urgent', text);
    return;
  }
  clearTimeout(timer);
  const wait = Math.max(60, last + 1000 - Date.now());   // 60 ms: after the focus has moved
  timer = setTimeout(() => {
    last = Date.now();
    say('live', text);
  }, wait);
}
