// Charts and images made for a test, and what a registry answers for them. Not how tools pack them: tests of
// packing use artifacts of real tools.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

const sha256 = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** A ustar archive of regular files, by path. */
function tar(files) {
  const blocks = Object.entries(files).flatMap(([path, text]) => {
    const bytes = Buffer.from(text);
    const header = Buffer.alloc(512);
    header.write(path, 0);
    header.write('0000644\0', 100);
    header.write('0000000\0', 108);
    header.write('0000000\0', 116);
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        0', 148);
    header.write('ustar\0' + '00', 257);
    const sum = header.reduce((all, byte) => all + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** An artifact of a config and one layer. */
function artifact(configType, config, layerType, layer, annotations) {
  const blobs = {};
  const part = (mediaType, bytes) => {
    blobs[sha256(bytes)] = bytes;
    return { mediaType, digest: sha256(bytes), size: bytes.length };
  };
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = Buffer.from(JSON.stringify({
    schemaVersion: 2, mediaType, config: part(configType, Buffer.from(JSON.stringify(config))), layers: [part(layerType, layer)], annotations,
  }));
  return { digest: sha256(manifest), mediaType, manifest, blobs };
}

/** A Helm chart: its files below the chart's folder, `Chart.yaml` made of name and version. */
export function chart(name, version, files, created = '2026-01-01T00:00:00Z') {
  const about = `apiVersion: v2\nname: ${name}\nversion: ${version}\n`;
  const packed = Object.fromEntries(Object.entries({ 'Chart.yaml': about, ...files }).map(([path, text]) => [`${name}/${path}`, text]));
  return artifact('application/vnd.cncf.helm.config.v1+json', { apiVersion: 'v2', name, version },
    'application/vnd.cncf.helm.chart.content.v1.tar+gzip', gzipSync(tar(packed)), { 'org.opencontainers.image.created': created });
}

/** A one-layer image for linux/amd64. */
export function image(files) {
  const layer = tar(files);
  return artifact('application/vnd.oci.image.config.v1+json',
    { architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [sha256(layer)] } },
    'application/vnd.oci.image.layer.v1.tar', layer);
}

/** What a registry answers for artifacts of a repository, by tag; `untagged` ones are there by digest only. For startLiar. */
export function served(repository, tagged, untagged = []) {
  const answers = { [`/v2/${repository}/tags/list`]: { body: JSON.stringify({ name: repository, tags: Object.keys(tagged) }) } };
  for (const [name, one] of [...Object.entries(tagged), ...untagged.map((one) => [one.digest, one])]) {
    for (const each of [name, one.digest]) answers[`/v2/${repository}/manifests/${each}`] = { type: one.mediaType, body: one.manifest };
    for (const [digest, body] of Object.entries(one.blobs)) answers[`/v2/${repository}/blobs/${digest}`] = { type: 'application/octet-stream', body };
  }
  return answers;
}

/** The tag under which cosign keeps the signature of a digest. */
export const signatureTag = (digest) => `${digest.replace(':', '-')}.sig`;
