// Files as people have them on their disks, made from the sample registry; and dropping them on a page.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DEMO } from './layout.mjs';

/** Content of a sample repository. */
export const blob = (repository, digest) => readFileSync(join(DEMO, repository, 'blobs', digest.replace(':', '/')));

/** The chart archive of a manifest, as `helm package` left it. */
export function chart(path, repository, digest) {
  const { layers } = JSON.parse(blob(repository, digest));
  writeFileSync(path, blob(repository, layers.find((layer) => layer.mediaType.endsWith('tar+gzip')).digest));
  return path;
}

/** A repository's layout as a folder. */
export function layoutFolder(path, repository) {
  cpSync(join(DEMO, repository), path, { recursive: true });
  return path;
}

/** A repository's layout in a tar archive. */
export function layoutTar(path, repository) {
  execFileSync('tar', ['-cf', path, '-C', join(DEMO, repository), '.']);
  return path;
}

/** An image as `docker save` of Docker before 25 writes it: the config, and a folder with the plain tar of each layer. */
export function dockerSave(path, repository, digest, name) {
  const folder = `${path}.d`;
  const { config, layers } = JSON.parse(blob(repository, digest));
  const hex = (of) => of.split(':')[1];
  const diffs = JSON.parse(blob(repository, config.digest)).rootfs.diff_ids.map((id) => `${hex(id)}/layer.tar`);
  mkdirSync(folder);
  writeFileSync(join(folder, `${hex(config.digest)}.json`), blob(repository, config.digest));
  layers.forEach((layer, at) => {
    mkdirSync(join(folder, dirname(diffs[at])));
    const bytes = blob(repository, layer.digest);
    writeFileSync(join(folder, diffs[at]), layer.mediaType.endsWith('gzip') ? gunzipSync(bytes) : bytes);
  });
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify([{ Config: `${hex(config.digest)}.json`, RepoTags: [name], Layers: diffs }]));
  execFileSync('tar', ['-cf', path, '-C', folder, '.']);
  return path;
}

/**
 * Drags files or folders of this machine over an element, by the browser's own drag and drop, until the page shows that it
 * would take them: a page that is still moving, as it loads, lets what is dropped beside it fall. `leave` lets go of them.
 */
export async function drag({ page }, target, ...paths) {
  const debug = await page.context().newCDPSession(page);
  const taking = page.locator('.drop-zone.over, .drop-anywhere').first();
  let [x, y] = [0, 0];
  const send = (type) => debug.send('Input.dispatchDragEvent', { type, x, y, data: { items: [], files: paths, dragOperationsMask: 1 } });
  await target.scrollIntoViewIfNeeded();
  for (let tries = 0; tries === 0 || (tries < 100 && !(await taking.isVisible())); tries += 1) {
    const box = await target.boundingBox();
    [x, y] = [box.x + Math.min(box.width / 2, 20), box.y + Math.min(box.height / 2, 12)];
    if (tries === 0) await send('dragEnter');
    await send('dragOver');
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
  return {
    drop: () => send('drop'),
    cancel: () => send('dragCancel'),
  };
}

/** Drags them there and lets go. */
export async function drop(someone, target, ...paths) {
  await (await drag(someone, target, ...paths)).drop();
}
