#!/usr/bin/env node
// Prints the size of the built page's files, and fails where the main module is over its budget.
import { readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const DIST = 'dist';
const BUDGET = 350 * 1024; // brotli, the largest wasm module
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

const main = rows.filter((row) => row.name.endsWith('.wasm')).sort((a, b) => b.brotli - a.brotli)[0];
if (!main) {
  console.error(`size: no wasm module in ${DIST}; build the page first (make page)`);
  process.exit(1);
}
if (main.brotli > BUDGET) {
  console.error(`size: ${main.name} is ${main.brotli} bytes by brotli, ${main.brotli - BUDGET} over the budget of ${BUDGET}`);
  process.exit(1);
}
console.log(`size: ${main.name} is ${main.brotli} bytes by brotli, within the budget of ${BUDGET}`);
