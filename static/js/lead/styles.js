// @ts-check
// The style sheets of the lead's pages. The shell does not carry them, since most people only
// label;
// the first of these pages waits for them, so that nothing is drawn without its style.

const sheets = ['lead', 'wizard', 'charts'].map((name) => new Promise((resolve) => {
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = new URL(`../../css/${name}.css`, import.meta.url).href;
  link.onload = resolve;
  link.onerror = resolve;   // the page is readable without
  document.head.append(link);
}));

await Promise.all(sheets);
