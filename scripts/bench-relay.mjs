#!/usr/bin/env node
// Prints what `tagdrift serve` costs as a relay, and what the program fetches, on loopback: throughput and latency by the
// relay beside direct, its memory with many large streams open, a long tag list, the bytes of a second visit.
//   TAGDRIFT=target/release/tagdrift scripts/bench-relay.mjs [STREAMS]
// Asserts nothing. Memory is read from /proc, so that line is for Linux.
import { fork, spawn, execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const MIB = 1 << 20;
const TAGS = 10_000;
const BLOB = `sha256:${'0'.repeat(64)}`;

// A registry of blobs of zeros, `/v2/<MiB>/…`, in a process of its own, so that it is not the client that is measured.
if (process.argv[2] === 'origin') {
  const zeros = Buffer.alloc(256 * 1024);
  const manifest = JSON.stringify({ schemaVersion: 2, layers: Array(8).fill({ digest: BLOB, size: 1 }) });
  const tags = Array.from({ length: TAGS }, (_, at) => `1.${at}.0`);
  const server = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://origin');
    const size = Number(url.pathname.split('/')[2]) * MIB;
    if (url.pathname.includes('/blobs/')) {
      response.writeHead(200, { 'Content-Length': size, 'Content-Type': 'application/octet-stream' });
      let left = size;
      const more = () => {
        while (left > 0 && !response.destroyed) {
          left -= zeros.length;
          if (!response.write(zeros)) return response.once('drain', more);
        }
        response.end();
      };
      more();
    } else if (url.pathname.endsWith('/tags/list')) {
      const n = Math.min(1000, Number(url.searchParams.get('n') ?? 100));
      const from = tags.indexOf(url.searchParams.get('last')) + 1;
      const page = tags.slice(from, from + n);
      if (from + n < TAGS) response.setHeader('Link', `<${url.pathname}?n=${n}&last=${page.at(-1)}>; rel="next"`);
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ tags: page }));
    } else {
      response.setHeader('Content-Type', 'application/vnd.oci.image.manifest.v1+json').end(manifest);
    }
  });
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
}

async function bench() {
  const program = process.env.TAGDRIFT ?? 'target/release/tagdrift';
  const streams = Number(process.argv[2] ?? 200);
  const origin = fork(new URL(import.meta.url), ['origin']);
  const port = await new Promise((resolve) => origin.once('message', resolve));
  const registry = `127.0.0.1:${port}`;
  const command = ['serve', '--listen', '127.0.0.1:0', '--allow', registry, '--allow-private', '--trust-forwarded', '--log-format', 'off'];
  const relay = await server(program, command);
  console.log(`$ tagdrift ${command.map((word) => (word === registry ? 'REGISTRY' : word)).join(' ')}`);
  try {
    await throughput(port, relay, registry);
    await latency(port, relay.port, registry);
    await memory(relay, registry, streams);
    await memory(relay, registry, streams);
    await tagList(program, registry);
    await secondVisit(program);
  } finally {
    relay.process.kill();
    origin.kill();
  }
}

/** Starts the program and waits for the URL that it prints. */
function server(program, command) {
  const started = spawn(program, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    started.once('exit', (code) => reject(new Error(`tagdrift ${command[0]} ended with ${code}`)));
    started.stdout.once('data', (line) => resolve({ process: started, port: Number(new URL(String(line).trim()).port) }));
  });
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
const relayed = (registry, path) => `/relay/v1/${registry}${path}`;

/** A request written by hand on a connection of its own: no HTTP library is measured beside the relay. */
function open(port, path, client) {
  const socket = net.connect(port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\nX-Forwarded-For: ${client}\r\n\r\n`);
  return socket;
}

/** Reads one answer to its end; MiB a second. */
async function drain(port, path, client) {
  const begun = performance.now();
  let bytes = 0;
  for await (const chunk of open(port, path, client)) bytes += chunk.length;
  return bytes / MIB / ((performance.now() - begun) / 1000);
}

/** Processor seconds that the process took so far; 0 where there is no /proc. */
async function processor(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // utime and stime, in hundredths (proc(5)).
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}

async function throughput(direct, relay, registry) {
  const path = `/v2/256/blobs/${BLOB}`;
  const found = { direct: [], relay: [] };
  const before = await processor(relay.process.pid);
  for (let round = 0; round < 7; round += 1) {
    found.direct.push(await drain(direct, path));
    found.relay.push(await drain(relay.port, relayed(registry, path), '192.0.2.1'));
  }
  const [straight, through] = [median(found.direct), median(found.relay)];
  const spent = ((await processor(relay.process.pid)) - before) / (7 / 4);
  console.log(`  a blob of 256 MiB: direct ${straight.toFixed(0)} MiB/s, by the relay ${through.toFixed(0)} MiB/s (${((100 * through) / straight).toFixed(0)} %; median of 7), for which it takes ${spent.toFixed(2)} s of processor time a GiB`);
}

async function latency(direct, relay, registry) {
  const path = '/v2/1/manifests/1';
  const times = async (port, asked, client) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const one = () => new Promise((resolve, reject) => {
      const begun = performance.now();
      const options = { port, host: '127.0.0.1', path: asked, agent, headers: { 'X-Forwarded-For': client } };
      http.get(options, (response) => response.resume().on('end', () => resolve(performance.now() - begun))).on('error', reject);
    });
    for (let warm = 0; warm < 50; warm += 1) await one();
    const all = [];
    for (let round = 0; round < 200; round += 1) all.push(await one());
    agent.destroy();
    return all.sort((a, b) => a - b);
  };
  const straight = await times(direct, path, '192.0.2.2');
  const through = await times(relay, relayed(registry, path), '192.0.2.2');
  const at = (all, part) => all[Math.floor(all.length * part)].toFixed(2);
  console.log(`  200 small requests one after another: direct median ${at(straight, 0.5)} ms (p95 ${at(straight, 0.95)}), by the relay ${at(through, 0.5)} ms (p95 ${at(through, 0.95)}), added ${(median(through) - median(straight)).toFixed(2)} ms`);
}

async function memory(relay, registry, streams) {
  const status = async (field) => {
    const text = await readFile(`/proc/${relay.process.pid}/status`, 'utf8').catch(() => '');
    return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(text)?.[1] ?? 0) / 1024;
  };
  if ((await status('VmRSS')) === 0) return;
  const before = await status('VmRSS');
  const path = relayed(registry, `/v2/1024/blobs/${BLOB}`);
  let bytes = 0;
  const sockets = Array.from({ length: streams }, (_, at) => open(relay.port, path, `198.51.${at >> 8}.${at & 255}`));
  // Each reads a little, then stops: back pressure must reach the registry.
  await Promise.all(sockets.map((socket) => new Promise((resolve) => {
    let own = 0;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      own += chunk.length;
      if (own > MIB && own - chunk.length <= MIB) resolve(socket.pause());
    });
    socket.on('error', () => {});
  })));
  await pause(3000);
  const standing = await status('VmRSS');
  const [begun, had] = [performance.now(), bytes];
  sockets.forEach((socket) => socket.resume());
  let moving = 0;
  while (performance.now() - begun < 10_000) {
    await pause(200);
    moving = Math.max(moving, await status('VmRSS'));
  }
  const rate = (bytes - had) / MIB / ((performance.now() - begun) / 1000);
  sockets.forEach((socket) => socket.destroy());
  await pause(3000);
  const each = ((Math.max(standing, moving) - before) * 1024) / streams;
  console.log(`  ${streams} streams of 1 GiB at once: ${before.toFixed(0)} MiB before, ${standing.toFixed(0)} MiB while all stand still, ${moving.toFixed(0)} MiB at most while all move (${rate.toFixed(0)} MiB/s together), ${(await status('VmRSS')).toFixed(0)} MiB after; ${each.toFixed(0)} KiB a stream`);
}

/** Runs the program; a verdict's exit code is no failure. */
function run(program, words, cache) {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    execFile(program, words, { env: { ...process.env, TAGDRIFT_CACHE: cache }, maxBuffer: 64 * MIB }, (error, out, err) => {
      if (error && error.code !== 1) reject(new Error(err));
      else resolve({ out, took: performance.now() - begun });
    });
  });
}

async function tagList(program, registry) {
  const took = [];
  let lines = 0;
  for (let round = 0; round < 7; round += 1) {
    const one = await run(program, ['tags', `${registry}/1`], '');
    took.push(one.took);
    lines = one.out.split('\n').length - 1;
  }
  console.log(`$ tagdrift tags REGISTRY/1\n  ${lines} tags on ${TAGS / 1000} pages, sorted and printed: median ${median(took).toFixed(0)} ms, whole process`);
}

async function secondVisit(program) {
  const samples = JSON.parse(await readFile(new URL('../static/demo/samples.json', import.meta.url), 'utf8'));
  const sample = (samples.samples ?? samples)[0];
  const demo = await server(program, ['demo', '--listen', '127.0.0.1:0']);
  // Counts what passes on its way to the sample registry.
  let fetched = 0;
  const counter = net.createServer((client) => {
    const upstream = net.connect(demo.port, '127.0.0.1');
    upstream.on('data', (chunk) => { fetched += chunk.length; });
    for (const [from, to] of [[client, upstream], [upstream, client]]) from.on('error', () => to.destroy()).pipe(to);
  });
  await new Promise((resolve) => counter.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${counter.address().port}`;
  const cache = await mkdtemp(join(tmpdir(), 'tagdrift-bench-'));
  const visits = async (words) => {
    const found = [];
    for (let visit = 0; visit < 2; visit += 1) {
      fetched = 0;
      await run(program, words, cache);
      found.push(fetched);
    }
    return found;
  };
  const [from, tag] = [`${host}/${sample.repository}@${sample.from}`, `${host}/${sample.repository}:${sample.tag}`];
  const byDigest = await visits(['compare', from, `${host}/${sample.repository}@${sample.to}`]);
  const byTag = await visits(['compare', from, tag]);
  console.log(`$ tagdrift compare REPOSITORY@OLD REPOSITORY@NEW (the sample chart), headers included\n  first visit ${byDigest[0]} bytes fetched, second ${byDigest[1]} bytes; OLD against the tag ${byTag[0]}, then ${byTag[1]} bytes`);
  counter.close();
  demo.process.kill();
  await rm(cache, { recursive: true });
}

if (process.argv[2] !== 'origin') await bench();
