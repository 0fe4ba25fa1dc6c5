#!/usr/bin/env node
// Gives the engine's files names with a hash of their content, as trunk does for the window's: a host that lets browsers cache
// for a while would else give an old engine to a new page.
//   scripts/name-engine.mjs DIST
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const dist = process.argv[2];
// Each names only files before it.
const FILES = ['tagdrift-engine_bg.wasm', 'tagdrift-engine.js', 'worker.js', 'engine.js'];
const HASH_DIGITS = 16;

const renamed = [];
const alone = (name) => new RegExp(`(?<![\\w-])${name.replaceAll('.', '\\.')}`, 'g');
/** Puts the new names into a file that has the old ones. */
function rewrite(path) {
  const before = readFileSync(path, 'utf8');
  const after = renamed.reduce((text, [from, to]) => text.replaceAll(alone(from), to), before);
  if (after !== before) writeFileSync(path, after);
  return after;
}

for (const name of FILES) {
  const path = join(dist, name);
  if (!name.endsWith('.wasm')) rewrite(path);
  const hash = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, HASH_DIGITS);
  const [, stem, rest] = name.match(/^([a-z-]+)(.*)$/);
  renameSync(path, join(dist, `${stem}-${hash}${rest}`));
  renamed.push([name, `${stem}-${hash}${rest}`]);
}
const index = rewrite(join(dist, 'index.html'));
for (const [, to] of renamed) {
  if (!index.includes(`./${to}`)) throw new Error(`index.html does not name ${to}: offline.js and engine.js find it there`);
}
