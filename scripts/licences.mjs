#!/usr/bin/env node
// Checks the licence of every crate that the page, the program and their tests are built of against a list of allowed
// ones. cargo-deny does more, and takes longer to compile than everything else here together.
import { execFileSync } from 'node:child_process';

const ALLOWED = new Set([
  '0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BSL-1.0', 'CC0-1.0', 'ISC', 'MIT', 'MIT-0', 'Unicode-3.0',
  'Unlicense', 'Zlib',
  // Data, not code: the roots of trust.
  'CDLA-Permissive-2.0',
]);
const ALLOWED_EXCEPTIONS = new Set(['LLVM-exception']);
const TARGETS = ['x86_64-unknown-linux-gnu', 'wasm32-unknown-unknown'];

/** Whether an SPDX expression (annex D of the specification; `/` as old crates write "or") can be met by ALLOWED. */
function permitted(expression) {
  const tokens = expression.replaceAll('/', ' OR ').match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const either = () => {
    let met = both();
    while (tokens[at] === 'OR') { at += 1; met = both() || met; }
    return met;
  };
  const both = () => {
    let met = one();
    while (tokens[at] === 'AND') { at += 1; met = one() && met; }
    return met;
  };
  const one = () => {
    if (tokens[at] === '(') {
      at += 1;
      const met = either();
      if (tokens[at] !== ')') return false;
      at += 1;
      return met;
    }
    let met = ALLOWED.has(tokens[at]);
    at += 1;
    if (tokens[at] === 'WITH') { met = met && ALLOWED_EXCEPTIONS.has(tokens[at + 1]); at += 2; }
    return met;
  };
  const met = either();
  return met && at === tokens.length;
}

function packages() {
  const named = new Map();
  for (const target of TARGETS) {
    const text = execFileSync('cargo', ['metadata', '--format-version', '1', '--locked', '--filter-platform', target], { encoding: 'utf8', maxBuffer: 1 << 28 });
    const metadata = JSON.parse(text);
    const used = new Set(metadata.resolve.nodes.map((node) => node.id));
    for (const crate of metadata.packages) if (used.has(crate.id)) named.set(crate.id, crate);
  }
  return [...named.values()];
}

const crates = packages();
const refused = crates.filter((crate) => !permitted(crate.license ?? ''));
for (const crate of refused) console.error(`licences: ${crate.name} ${crate.version} is under ${crate.license ?? `the file ${crate.license_file}`}, which is not on the list in scripts/licences.mjs`);
if (refused.length > 0) process.exit(1);
console.log(`licences: ${crates.length} crates, ${new Set(crates.map((crate) => crate.license)).size} different expressions, all allowed`);
