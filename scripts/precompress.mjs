#!/usr/bin/env node
// Puts .br and .gz beside every file of a built page that gets smaller by it, for hosts that serve such files as they are.
//   scripts/precompress.mjs DIST
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const TEXTS = new Set(['.css', '.html', '.js', '.json', '.mjs', '.svg', '.txt', '.wasm', '.webmanifest']);
const dist = process.argv[2];

for (const name of readdirSync(dist, { recursive: true })) {
  // Blobs of the sample registry are addressed by the digest of what is served: left alone.
  if (!TEXTS.has(extname(name)) || name.includes('blobs')) continue;
  const path = join(dist, name);
  const raw = readFileSync(path);
  const quality = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length };
  const packed = { '.br': brotliCompressSync(raw, { params: quality }), '.gz': gzipSync(raw, { level: 9 }) };
  for (const [ending, bytes] of Object.entries(packed)) if (bytes.length < raw.length) writeFileSync(path + ending, bytes);
}
