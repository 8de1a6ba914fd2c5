// vendor.mjs - makes the browser's third-party modules from what npm installed.
//
//     node vendor.mjs NODE_MODULES OUT_DIR
//
// Five ES modules are copied. Their imports by package name ("preact") become relative ones
// ("./preact.js"): the UI uses no import map, which its content security policy would refuse. The
// sums below belong to static/package-lock.json; who changes a version there changes them here.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const modules = [
  { name: 'preact.js', from: 'preact/dist/preact.mjs', is: 'preact',
    sum: 'bdcbd9abdf2c77c5c45326eab42191e949222d479d0d5f69467387a77040cb55' },
  { name: 'hooks.js', from: 'preact/hooks/dist/hooks.mjs', is: 'preact/hooks',
    sum: 'e862ab2973aa6455eaa0f77c5d832d2157d6be59a17c8ba546550a575b58c6b4' },
  { name: 'htm.js', from: 'htm/dist/htm.mjs', is: 'htm',
    sum: 'ab33dd3f38059b9be4d5f5350128eefb2356639c4e0bbe9d9e8b3ba75847e9e4' },
  { name: 'signals-core.js', from: '@preact/signals-core/dist/signals-core.mjs',
    is: '@preact/signals-core',
    sum: '0c80bc127d72ecb1496ef116ffddae75079829a3af01e7f417c8e5a6474c68b6' },
  { name: 'signals.js', from: '@preact/signals/dist/signals.mjs', is: '@preact/signals',
    sum: 'ba8177597f45acaca4d05dcf3966b527d0a8264cfa2b0a87ace92dff324217f8' },
];

const [source, target] = process.argv.slice(2);
if (!source || !target) {
  console.error('usage: node vendor.mjs NODE_MODULES OUT_DIR');
  process.exit(2);
}

function relative(file, specifier) {
  if (/^\.{0,2}\//.test(specifier)) return specifier;
  const found = modules.find((m) => m.is === specifier);
  if (!found) throw new Error(`${file} imports "${specifier}", which is not vendored`);
  return `./${found.name}`;
}

function rewrite(file, text) {
  return text
    .replace(/\b(from|import)\s*(["'])([^"']+)\2/g,
      (whole, word, quote, specifier) => `${word}${quote}${relative(file, specifier)}${quote}`)
    .replace(/\n?\/\/# sourceMappingURL=.*\n?/g, '\n');
}

mkdirSync(target, { recursive: true });
for (const { name, from, sum } of modules) {
  const bytes = readFileSync(join(source, from));
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sum) {
    console.error(`vendor: ${from} has the SHA-256 sum ${found}, not ${sum}`);
    process.exit(1);
  }
  writeFileSync(join(target, name), rewrite(name, bytes.toString('utf8')));
}
