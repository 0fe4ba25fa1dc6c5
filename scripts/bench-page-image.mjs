#!/usr/bin/env node
// Prints how long the page's workers take over an image pair in Chromium, and what memory its module has at most: from
// navigation to the verdict, everything fetched from a static host on loopback. The pair is scripts/bench-image.py's, laid
// beside the page like one more sample.
//   scripts/bench-page-image.mjs FOLDER [ROUNDS] [DIST]
import { createReadStream, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { browser } from '../tests/browser/harness/chromium.mjs';

const [folder, rounds = '1', dist = 'dist'] = process.argv.slice(2);
const REPOSITORY = 'bench/image';
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.svg': 'image/svg+xml', '.json': 'application/json' };

// Each worker (the engine and its decoders) tells the bench how large its module's memory is; nothing else differs from the
// page that is shipped.
const NAME = readdirSync(dist).find((name) => /^worker-[0-9a-f]+\.js$/.test(name));
const WORKER = readFileSync(join(dist, NAME), 'utf8').replace('import init from', `const bench = new BroadcastChannel('bench'), own = crypto.randomUUID();
const init = (...how) => load(...how).then((module) => { bench.onmessage = ({ data }) => data === 'how large?' && bench.postMessage({ own, bytes: module.memory.buffer.byteLength }); return module; });
import load from`);
if (!WORKER.includes('import load')) throw new Error(`${NAME} imports its module in another way: the memory cannot be measured`);
const ASKING = () => {
  const [sizes, channel] = [new Map(), new BroadcastChannel('bench')];
  channel.onmessage = ({ data }) => data.own && sizes.set(data.own, data.bytes);
  // While a worker computes, its answer may take until its next breath.
  window.benchMemory = () => { channel.postMessage('how large?'); return [...sizes.values()]; };
};

const server = createServer((request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
  if (path === `/${NAME}`) return response.writeHead(200, { 'Content-Type': TYPES['.js'] }).end(WORKER);
  const inPair = path.startsWith(`/demo/${REPOSITORY}/`);
  const file = inPair ? join(folder, path.slice(`/demo/${REPOSITORY}/`.length)) : join(dist, path === '/' ? 'index.html' : path);
  if (path.includes('..') || !existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
  response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream', 'Content-Length': statSync(file).size, 'Cache-Control': 'no-store' });
  return createReadStream(file, { highWaterMark: 1 << 20 }).pipe(response);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
const digest = (tag) => index.manifests.find((one) => one.annotations['org.opencontainers.image.ref.name'] === tag).digest;
const url = `http://127.0.0.1:${server.address().port}/?ref=sample.invalid/${REPOSITORY}:right&from=${digest('left')}&to=${digest('right')}`;
const chromium = await browser();
const devtools = await chromium.newBrowserCDPSession();
/** Seconds of processor time of all pages and workers. */
const processor = async () => (await devtools.send('SystemInfo.getProcessInfo')).processInfo.filter((one) => one.type === 'renderer').reduce((sum, one) => sum + one.cpuTime, 0);
/** Seconds of processor time of all workers alone, by Linux: fetching, painting and the bench itself are not among them. */
const workers = async () => {
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  let ticks = 0;
  for (const { id } of processInfo.filter((one) => one.type === 'renderer')) {
    for (const thread of existsSync(`/proc/${id}/task`) ? readdirSync(`/proc/${id}/task`) : []) {
      const [, name, rest] = readFileSync(`/proc/${id}/task/${thread}/stat`, 'utf8').match(/\((.*)\) (.*)/s);
      // utime and stime: the 14th and 15th field of proc(5), in hundredths of a second.
      if (name === 'DedicatedWorker') ticks += rest.split(' ').slice(11, 13).reduce((sum, n) => sum + Number(n), 0);
    }
  }
  return ticks / 100;
};
for (let round = 0; round < Number(rounds); round += 1) {
  const context = await chromium.newContext();
  await context.addInitScript(ASKING);
  const page = await context.newPage();
  page.setDefaultTimeout(0);
  const [begun, used] = [performance.now(), await processor()];
  await page.goto(url, { waitUntil: 'commit' });
  let most = [];
  const memory = async () => {
    const now = await page.evaluate(() => window.benchMemory?.() ?? []).catch(() => []);
    const sum = (sizes) => sizes.reduce((all, one) => all + one, 0);
    if (sum(now) > sum(most)) most = now;
  };
  let level = null;
  while (level === null) {
    level = await page.evaluate(() => new Promise((resolve) => setTimeout(() => resolve(document.querySelector('[data-level]')?.dataset.level ?? null), 100)));
    if (level === null && await page.evaluate(() => document.querySelector('[role=alert]') !== null)) level = `failed: ${await page.evaluate(() => document.querySelector('[role=alert]').textContent)}`;
    await memory();
  }
  const took = (performance.now() - begun) / 1000;
  const worked = (await processor()) - used;
  const decoded = await workers();
  await memory();
  console.log(`image pair in the page's workers     ${took.toFixed(1)} s wall, ${worked.toFixed(1)} s of processor time (${decoded.toFixed(1)} s of it in workers) to "${level}", ${most.map((bytes) => (bytes / 2 ** 20).toFixed(1)).join(' + ')} MiB of wasm memory at most`);
  await context.close();
}
await chromium.close();
server.close();
server.closeAllConnections();
