// A registry that says what a test makes it say, and tells what it was asked; CORS as an open registry has it.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEMO, REF_NAME } from './layout.mjs';

const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': 'Authorization, Accept, Range',
  'Access-Control-Expose-Headers': 'Docker-Content-Digest, WWW-Authenticate, Link, Retry-After, RateLimit-Limit, RateLimit-Remaining',
};
const UNKNOWN = { status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN"}]}' };
const PIECE = 4096;

/**
 * Starts it.
 * @typedef {{status?: number, type?: string, headers?: object, body: string | Buffer, pause?: number}} Answer `pause`: milliseconds before each piece of the body
 * @param {Record<string, Answer | ((request: import('node:http').IncomingMessage, times: number) => Answer)>} answers by path; a function hears how often it was asked before
 */
export async function startLiar(answers) {
  const liar = { asked: [], cut: [] };
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://liar').pathname);
    if (request.method === 'OPTIONS') {
      response.writeHead(204, CORS).end();
      return;
    }
    const line = `${request.method} ${path}`;
    const times = liar.asked.filter((one) => one === line).length;
    liar.asked.push(line);
    const found = answers[path] ?? UNKNOWN;
    const { status = 200, type = 'application/json', headers = {}, body, pause } = typeof found === 'function' ? found(request, times) : found;
    // No cache of the browser's own stands in for what the page keeps.
    response.writeHead(status, { ...CORS, 'Cache-Control': 'no-store', 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), ...headers });
    response.on('close', () => { if (!response.writableFinished) liar.cut.push(path); });
    if (request.method === 'HEAD') response.end();
    else if (!pause) response.end(body);
    else {
      for (let at = 0; at < body.length && !response.destroyed; at += PIECE) {
        await sleep(pause);
        response.write(body.subarray(at, at + PIECE));
      }
      response.end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(liar, {
    host: `127.0.0.1:${server.address().port}`,
    /** What it answers by path; may be changed while it runs. */
    answers,
    stop: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }),
  });
}

/** What an honest registry says about a sample repository. */
export function honest(repository) {
  const folder = join(DEMO, repository);
  const read = (digest) => readFileSync(join(folder, 'blobs', digest.replace(':', '/')));
  const answers = {};
  const tags = new Set();
  const add = ({ digest, mediaType, annotations }) => {
    const body = read(digest);
    const manifest = JSON.parse(body);
    const answer = { type: mediaType, body };
    answers[`/v2/${repository}/manifests/${digest}`] = answer;
    const tag = annotations?.[REF_NAME];
    if (tag) {
      tags.add(tag);
      answers[`/v2/${repository}/manifests/${tag}`] = answer;
    }
    for (const part of manifest.manifests ?? []) add(part);
    for (const part of manifest.config ? [manifest.config, ...manifest.layers] : []) {
      answers[`/v2/${repository}/blobs/${part.digest}`] = { type: 'application/octet-stream', body: read(part.digest) };
    }
  };
  JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')).manifests.forEach(add);
  answers[`/v2/${repository}/tags/list`] = { body: JSON.stringify({ name: repository, tags: [...tags] }) };
  return answers;
}

/** An artifact made of one blob, and what a registry says about it: the manifest's digest, and answers. */
export function artifact(repository, tag, body, digestOf) {
  const blob = digestOf(body);
  const config = Buffer.from('{}');
  const manifest = Buffer.from(JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: 'application/vnd.harbour.notes',
    config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(config), size: config.length },
    layers: [{ mediaType: 'application/octet-stream', digest: blob, size: body.length }],
  }));
  const digest = digestOf(manifest);
  const answer = { type: 'application/vnd.oci.image.manifest.v1+json', body: manifest };
  return {
    digest,
    blob,
    answers: {
      [`/v2/${repository}/manifests/${tag}`]: answer,
      [`/v2/${repository}/manifests/${digest}`]: answer,
      [`/v2/${repository}/blobs/${blob}`]: { type: 'application/octet-stream', body },
      [`/v2/${repository}/blobs/${digestOf(config)}`]: { type: 'application/octet-stream', body: config },
    },
  };
}
