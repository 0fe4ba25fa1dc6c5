#!/usr/bin/env node
// Prints the size of the built page's files, and fails where a module is over its budget. The main module is
// the window's; the engine's loads beside it in the worker.
import { readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const DIST = 'dist';
// Bytes by brotli.
const BUDGETS = { 'tagdrift-page': 350 * 1024, 'tagdrift-engine': 600 * 1024 };
const FIRST_LOAD = new Set(['.css', '.html', '.js', '.svg', '.wasm']);

const rows = readdirSync(DIST)
  .filter((name) => FIRST_LOAD.has(extname(name)))
  .map((name) => {
    const raw = readFileSync(join(DIST, name));
    return { name, raw: raw.length, gzip: gzipSync(raw, { level: 9 }).length, brotli: brotliCompressSync(raw).length };
  });
const line = (name, row) => console.log(`${name.padEnd(44)}${[row.raw, row.gzip, row.brotli].map((n) => `${(n / 1024).toFixed(1)} KiB`.padStart(13)).join('')}`);
console.log(`${''.padEnd(44)}${['raw', 'gzip', 'brotli'].map((word) => word.padStart(13)).join('')}`);
for (const row of rows) line(row.name, row);
const total = (key) => rows.reduce((sum, row) => sum + row[key], 0);
line('all of them', { raw: total('raw'), gzip: total('gzip'), brotli: total('brotli') });

let over = false;
for (const [name, budget] of Object.entries(BUDGETS)) {
  const module = rows.find((row) => row.name.startsWith(name) && row.name.endsWith('.wasm'));
  if (!module) {
    console.error(`size: no module ${name} in ${DIST}; build the page first (make page)`);
    process.exit(1);
  }
  const fits = module.brotli <= budget;
  over ||= !fits;
  console.log(`size: ${module.name} is ${module.brotli} bytes by brotli, ${fits ? 'within' : 'OVER'} the budget of ${budget}`);
}
if (over) process.exit(1);
