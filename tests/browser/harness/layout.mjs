// Reading the sample registry's OCI layouts, and pushing them into a registry as any client would.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');
export const DEMO = join(ROOT, 'static/demo');
export const REF_NAME = 'org.opencontainers.image.ref.name';

/** The pairs that the sample registry shows, with the level each must come to. */
export const samples = JSON.parse(readFileSync(join(DEMO, 'samples.json'), 'utf8')).samples;

/** Every repository under static/demo. */
export function repositories() {
  return readdirSync(DEMO, { recursive: true })
    .filter((name) => name.endsWith('oci-layout'))
    .map((name) => dirname(name).replaceAll('\\', '/'))
    .sort();
}

/** Pushes one layout by the distribution specification: blobs, then manifests, innermost first, then tags. */
export async function push(repository, registry) {
  const folder = join(DEMO, repository);
  const blob = (digest) => readFileSync(join(folder, 'blobs', digest.replace(':', '/')));
  const sent = new Set();

  async function putBlob({ digest }) {
    if (sent.has(digest)) return;
    const begun = await registry.fetch(`/v2/${repository}/blobs/uploads/`, { method: 'POST' });
    await expect(begun, 202, `upload of ${digest}`);
    const target = new URL(begun.headers.get('location'), registry.url);
    target.searchParams.set('digest', digest);
    const done = await registry.fetch(target.pathname + target.search, { method: 'PUT', body: blob(digest), headers: { 'Content-Type': 'application/octet-stream' } });
    await expect(done, 201, `blob ${digest}`);
    sent.add(digest);
  }

  async function putManifest({ digest, mediaType }, name = digest) {
    const raw = blob(digest);
    const manifest = JSON.parse(raw);
    for (const part of manifest.manifests ?? []) await putManifest(part);
    for (const part of manifest.config ? [manifest.config, ...manifest.layers] : []) await putBlob(part);
    const done = await registry.fetch(`/v2/${repository}/manifests/${name}`, { method: 'PUT', body: raw, headers: { 'Content-Type': mediaType } });
    await expect(done, 201, `manifest ${name}`);
  }

  const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
  for (const entry of index.manifests) await putManifest(entry, entry.annotations?.[REF_NAME]);
}

async function expect(response, status, what) {
  const body = await response.text();
  if (response.status !== status) throw new Error(`${what}: ${response.status} instead of ${status}: ${body}`);
}
