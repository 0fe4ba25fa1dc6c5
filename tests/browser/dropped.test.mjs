// Files of the reader's device: every kind, on either side, dropped anywhere; bad ones; and that none of it leaves.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { startDemo } from './harness/demo.mjs';
import { blob, chart, dockerSave, drag, drop, layoutFolder, layoutTar } from './harness/files.mjs';
import { samples } from './harness/layout.mjs';
import { person } from './harness/person.mjs';
import { appears, assertVerdict, compare, failure, look, short, verdict } from './harness/steps.mjs';

const [packed] = samples;
const breaking = samples.find((one) => one.expectedLevel === 'breaking');
const image = samples.find((one) => one.repository === 'images/stamps');
let demo;
let folder;
const path = (...names) => join(folder, ...names);
before(async () => {
  demo = await startDemo();
  folder = mkdtempSync(join(tmpdir(), 'tagdrift-dropped-'));
  chart(path('older.tgz'), breaking.repository, breaking.from);
  chart(path('newer.tgz'), breaking.repository, breaking.to);
  layoutTar(path('layout.tar'), packed.repository);
  layoutFolder(path('layout'), packed.repository);
  dockerSave(path('older.tar'), image.repository, image.from, 'harbour/stamps:1.8.0');
  dockerSave(path('newer.tar'), image.repository, image.to, 'harbour/stamps:1.8.0');
});
after(async () => {
  await demo.stop();
  rmSync(folder, { recursive: true });
});

const zone = (page) => page.locator('.drop-zone').first();
const title = (page) => page.getByRole('heading', { level: 1 }).first();
const said = (page) => page.locator('p.unseen[role=status]');
const button = (page, name) => page.getByRole('main').getByRole('button', { name, exact: true });
/** The entries of the list of files, by their names. */
const shelf = (page) => page.locator('.past-name');

person('two charts dropped beside the drop zone: the page stays, and compares them', {}, async (someone) => {
  const { page } = someone;
  await page.goto(demo.url);
  await zone(page).waitFor();
  await drop(someone, title(page), path('older.tgz'));
  await shelf(page).getByText('older.tgz').waitFor();
  await drop(someone, title(page), path('newer.tgz'));
  await shelf(page).getByText('newer.tgz').waitFor();
  assert.equal(page.url(), demo.url);
  assert.equal(await said(page).innerText(), 'At hand, and still only on your device: newer.tgz.');
  await button(page, 'Compare').click();
  assertVerdict(await verdict(someone), breaking);
  await page.getByText('read from your device').waitFor();
});

person('a layout in a tar archive, dropped on the drop zone', {}, async (someone) => {
  const { page } = someone;
  await page.goto(demo.url);
  await drop(someone, zone(page), path('layout.tar'));
  await compare(someone, packed.from, packed.to);
  assertVerdict(await verdict(someone), packed);
});

person('a layout as a folder, dragged in', {}, async (someone) => {
  const { page } = someone;
  await page.goto(demo.url);
  await drop(someone, zone(page), path('layout'));
  await compare(someone, packed.from, packed.to);
  assertVerdict(await verdict(someone), packed);
});

person('two layouts in folders of one name, and a file beside them, in one drop', {}, async (someone) => {
  const { page } = someone;
  for (const [place, sample] of [['one', packed], ['two', image]]) layoutFolder(path(place, 'layout'), sample.repository);
  await page.goto(demo.url);
  await drop(someone, zone(page), path('one', 'layout'), path('two', 'layout'), path('older.tgz'));
  for (const name of ['older.tgz', 'layout (0.16.2)', /^layout \(\d\) \(1\.8\.0\)$/]) await shelf(page).getByText(name, { exact: true }).waitFor();
  await compare(someone, image.from, image.to);
  assertVerdict(await verdict(someone), image);
});

person('two docker save archives', {}, async (someone) => {
  const { page } = someone;
  await page.goto(demo.url);
  await drop(someone, zone(page), path('older.tar'), path('newer.tar'));
  await shelf(page).nth(1).waitFor();
  assert.deepEqual(await shelf(page).allInnerTexts(), ['newer.tar (1.8.0)', 'older.tar (1.8.0)']);
  await button(page, 'Compare').click();
  assertVerdict(await verdict(someone), image);
});

for (const side of ['older', 'newer']) {
  person(`a file as the ${side} side against a reference in a registry`, {}, async (someone) => {
    const { page } = someone;
    await look(someone, demo, `${demo.host}/${breaking.repository}:${breaking.tag}`);
    const other = side === 'older' ? 'newer' : 'older';
    await appears(someone, page.getByRole('radio', { name: `${short(breaking.to)} as the ${other} side` }));
    await drop(someone, title(page), path(`${side}.tgz`));
    await shelf(page).getByText(`${side}.tgz`).waitFor();
    const entry = page.locator('.past-entry').filter({ hasText: `${side}.tgz` });
    await entry.getByRole('radio', { name: `as the ${side} side` }).check();
    const fromRegistry = side === 'older' ? breaking.to : breaking.from;
    await page.getByRole('radio', { name: `${short(fromRegistry)} as the ${other} side` }).check();
    await button(page, 'Compare').click();
    assert.equal((await verdict(someone)).level, 'breaking');
    const ways = side === 'older' ? 'from your device (older), directly from the registry (newer)' : 'directly from the registry (older), from your device (newer)';
    await page.getByText(ways).waitFor();
  });
}

person('a file dropped on a finished comparison: it stays, and names the ways on', {}, async (someone) => {
  const { page, accessible } = someone;
  await page.goto(`${demo.url}?ref=${demo.host}/${packed.repository}:${packed.tag}&from=${packed.from}&to=${packed.to}`);
  await verdict(someone);
  const address = page.url();
  await drop(someone, title(page), path('newer.tgz'));
  await page.getByText('At hand, and still only on your device: newer.tgz.').first().waitFor();
  assert.equal(page.url(), address);
  assertVerdict(await verdict(someone), packed);
  await accessible();
  await page.getByRole('link', { name: `Compare with ${demo.host}/${packed.repository}:${packed.tag}` }).click();
  await shelf(page).getByText('newer.tgz').waitFor();
});

person('the address of a comparison of files works again once they are dropped, wherever', { refusals: true }, async (someone) => {
  const { page } = someone;
  await page.goto(demo.url);
  await drop(someone, zone(page), path('older.tgz'), path('newer.tgz'));
  await button(page, 'Compare').click();
  const found = await verdict(someone);
  await page.reload();
  assert.equal((await failure(someone)).kind, 'gone');
  await drop(someone, title(page), path('newer.tgz'));
  await page.getByText('At hand: newer.tgz. What is missing is not among it.').waitFor();
  assert.equal((await failure(someone)).kind, 'gone');
  await drop(someone, title(page), path('older.tgz'));
  await page.locator('[data-level]').waitFor();
  assert.deepEqual(await verdict(someone), found);
});

/** Each: how the file comes to be, the kind of fault, its title, and what the cause says. */
const BAD = [
  ['words.txt', (at) => writeFileSync(at, 'Harbour notes\n'), 'unsupported', 'This is nothing that can be compared', 'The file is no archive: it begins with "Harbour notes\\n".'],
  ['picture.png', (at) => writeFileSync(at, Buffer.from('89504e470d0a1a0a', 'hex')), 'unsupported', 'This is nothing that can be compared', 'The file is no archive: it begins with 89 50 4e 47 0d 0a 1a 0a.'],
  ['empty.tgz', (at) => writeFileSync(at, ''), 'malformed', 'This file is empty, damaged or cut off', 'The file is empty: 0 bytes.'],
  ['cut.tar', (at) => { layoutTar(at, packed.repository); truncateSync(at, 3000); }, 'malformed', 'This file is empty, damaged or cut off', 'The tar archive is broken at offset'],
  ['unpacked', (at) => { mkdirSync(at); writeFileSync(join(at, 'Chart.yaml'), 'name: kelp\n'); }, 'unsupported', 'This is nothing that can be compared', 'A folder, but no OCI layout: it has no oci-layout file.'],
  ['hollow', (at) => { layoutFolder(at, packed.repository); writeFileSync(join(at, 'index.json'), '{"schemaVersion":2,"manifests":[]}'); }, 'malformed', 'This file is empty, damaged or cut off', 'It holds no manifest.'],
];
for (const [name, make, kind, heading, cause] of BAD) {
  person(`${name}, which is no artifact: said with cause and next step, and nothing is lost`, {}, async (someone) => {
    const { page, accessible, fitsTheWindow } = someone;
    make(path(name));
    await page.goto(demo.url);
    await drop(someone, zone(page), path('older.tgz'));
    await shelf(page).getByText('older.tgz').waitFor();
    // With a good one in the same drop, which is taken.
    await drop(someone, zone(page), path(name), path('newer.tgz'));
    const alert = page.getByRole('alert');
    await alert.waitFor();
    assert.equal(await alert.getAttribute('data-fault'), kind);
    const text = await alert.innerText();
    for (const part of [heading, cause, 'What was at hand before still is.']) assert.ok(text.includes(part), `${part} in: ${text}`);
    assert.ok(text.includes(name), `the file’s name in: ${text}`);
    await shelf(page).getByText('newer.tgz').waitFor();
    assert.ok((await shelf(page).allInnerTexts()).includes('older.tgz'));
    await accessible();
    await fitsTheWindow();
  });
}

/** Layouts that are damaged inside: found where the damaged part is read, and never taken for equal. */
function damaged(name, part, damage) {
  const at = layoutFolder(path(name), packed.repository);
  const manifest = JSON.parse(blob(packed.repository, packed.to));
  const digest = part === 'manifest' ? packed.to : manifest.layers.find((layer) => layer.mediaType.endsWith('tar+gzip')).digest;
  damage(join(at, 'blobs', digest.replace(':', '/')));
  return at;
}
const flip = (file) => { const bytes = readFileSync(file); bytes[bytes.length >> 1] ^= 1; writeFileSync(file, bytes); };

for (const [what, damage, cause] of [['missing', (file) => rmSync(file), 'The layout does not hold this digest.'], ['altered', flip, 'not to its name: refused.']]) {
  person(`a layout whose manifest is ${what}: the others can be compared, this one says why not`, {}, async (someone) => {
    const { page } = someone;
    await page.goto(demo.url);
    await drop(someone, zone(page), damaged(`manifest-${what}`, 'manifest', damage));
    const entry = page.locator('.past-entry').filter({ has: page.getByRole('radio', { name: `${short(packed.to)} as the newer side` }) });
    await entry.waitFor();
    assert.ok(await entry.getByRole('radio').first().isDisabled());
    const text = await entry.innerText();
    assert.ok(text.includes(cause), text);
    assert.match(await said(page).innerText(), / 1 of them cannot be read\.$/);
  });
}
for (const [what, damage, cause] of [['missing', (file) => rmSync(file), 'The layout does not hold this blob'], ['altered', flip, 'was asked for, the bytes have']]) {
  person(`a layout whose archive is ${what}: cannot tell, and why`, {}, async (someone) => {
    const { page } = someone;
    await page.goto(demo.url);
    await drop(someone, zone(page), damaged(`archive-${what}`, 'archive', damage));
    await compare(someone, packed.from, packed.to);
    const found = await verdict(someone);
    assert.equal(found.level, 'unknown', found.causes.join(', '));
    await page.getByText(cause).first().waitFor();
  });
}

person('a chart that was cut off: cannot tell, and why', {}, async (someone) => {
  const { page } = someone;
  writeFileSync(path('cut.tgz'), readFileSync(path('newer.tgz')).subarray(0, 900));
  await page.goto(demo.url);
  await drop(someone, zone(page), path('older.tgz'), path('cut.tgz'));
  await button(page, 'Compare').click();
  const found = await verdict(someone);
  assert.equal(found.level, 'unknown', found.causes.join(', '));
  assert.ok(found.causes.includes('unreadable'), found.causes.join(', '));
});

person('too many files at once are refused, and so are an empty folder and one without end', {}, async (someone) => {
  const { page } = someone;
  await page.goto(demo.url);
  mkdirSync(path('nothing'));
  await drop(someone, zone(page), path('nothing'));
  await page.getByRole('alert').getByText('There is no file in it.').waitFor();
  const many = Array.from({ length: 17 }, (_, at) => { writeFileSync(path(`${at}.tgz`), readFileSync(path('older.tgz'))); return path(`${at}.tgz`); });
  await drop(someone, zone(page), ...many);
  await page.getByRole('alert').getByText('17 files at once exceeds the limit of 16.').waitFor();
  mkdirSync(path('deep', ...Array(14).fill('d')), { recursive: true });
  writeFileSync(path('deep', ...Array(14).fill('d'), 'file'), '');
  await drop(someone, zone(page), path('deep'));
  await page.getByRole('alert').getByText('exceeds the limit of 12 folders in each other').waitFor();
});

person('reading a large file can be stopped', {}, async (someone) => {
  const { page } = someone;
  writeFileSync(path('large.tgz'), readFileSync(path('older.tgz')));
  truncateSync(path('large.tgz'), 3 * 2 ** 30);
  await page.goto(demo.url);
  await drop(someone, zone(page), path('large.tgz'));
  await button(page, 'Stop').click();
  await button(page, 'Stop').waitFor({ state: 'detached' });
  // The worker is free again: the next file does not wait for the large one.
  await drop(someone, zone(page), path('older.tgz'));
  await shelf(page).getByText('older.tgz').waitFor();
  assert.deepEqual(await shelf(page).allInnerTexts(), ['older.tgz']);
});

person('nothing of a dropped file leaves the device', {}, async (someone) => {
  const { page } = someone;
  const sent = [];
  page.context().on('request', (request) => sent.push(request));
  await look(someone, demo, `${demo.host}/${breaking.repository}:${breaking.tag}`);
  await appears(someone, page.getByRole('radio', { name: `${short(breaking.to)} as the newer side` }));
  // A file that no registry has: packed here, its digest known to nobody.
  const bytes = Buffer.concat([readFileSync(path('older.tgz')), Buffer.from([0])]);
  writeFileSync(path('secret-harbour.tgz'), bytes);
  await drop(someone, title(page), path('secret-harbour.tgz'));
  const entry = page.locator('.past-entry').filter({ hasText: 'secret-harbour.tgz' });
  await entry.getByRole('radio', { name: 'as the older side' }).check();
  await page.getByRole('radio', { name: `${short(breaking.to)} as the newer side` }).check();
  await button(page, 'Compare').click();
  await verdict(someone);
  const digest = new URL(page.url()).searchParams.get('from');
  assert.match(digest, /^sha256:[0-9a-f]{64}$/);
  assert.ok(sent.length > 10, 'requests were seen');
  for (const request of sent) {
    assert.ok(['GET', 'HEAD'].includes(request.method()), `${request.method()} ${request.url()}`);
    assert.equal(request.postData(), null, request.url());
    const told = decodeURIComponent(request.url()) + JSON.stringify(request.headers());
    // The page's own address holds the digest, so that the comparison can be found again; no request does.
    for (const part of ['secret-harbour', digest.slice(7)]) assert.ok(!told.includes(part), `${part} in ${told}`);
  }
});

person('files by keyboard alone, and a screen reader hears what came of it', {}, async (someone) => {
  const { page } = someone;
  // Listening from the start: the browser is told to hand its choosers over when somebody first listens, which takes longer
  // than a key.
  page.on('filechooser', () => {});
  await page.goto(demo.url);
  await zone(page).waitFor();
  for (const [name, files] of [['Choose files', [path('older.tgz'), path('newer.tgz')]], ['Choose a folder (OCI layout)', path('layout')]]) {
    const field = page.getByLabel(name);
    for (let step = 0; step < 80 && !(await field.evaluate((one) => one === document.activeElement)); step += 1) await page.keyboard.press('Tab');
    const asked = page.waitForEvent('filechooser');
    await page.keyboard.press('Enter');
    await (await asked).setFiles(files);
    await said(page).getByText(Array.isArray(files) ? 'At hand, and still only on your device: newer.tgz, older.tgz.' : 'layout (0.16.2)').waitFor();
  }
  assert.equal(await said(page).getAttribute('aria-live'), 'polite');
});

const WINDOWS = { wide: {}, narrow: { width: 360, height: 740 }, dark: { dark: true }, 'narrow-dark': { width: 360, height: 740, dark: true } };
for (const [window, how] of Object.entries(WINDOWS)) {
  person(`files, ${window}: nothing that axe finds, nothing beyond the window`, how, async (someone) => {
    const { page, picture, accessible, fitsTheWindow } = someone;
    writeFileSync(path('notes.txt'), 'Harbour notes\n');
    await page.goto(demo.url);
    await zone(page).waitFor();
    const dragged = await drag(someone, title(page), path('older.tgz'));
    await page.getByText('Let go to read it here').waitFor();
    await picture(`files-dragged-${window}`);
    await dragged.cancel();
    await drop(someone, zone(page), path('older.tgz'), path('newer.tgz'), path('notes.txt'));
    await page.getByRole('alert').waitFor();
    await picture(`files-refused-${window}`);
    await accessible();
    await fitsTheWindow();
    await page.goto(`${demo.url}?ref=${demo.host}/${packed.repository}:${packed.tag}&from=${packed.from}&to=${packed.to}`);
    await verdict(someone);
    await drop(someone, title(page), path('notes.txt'), path('newer.tgz'));
    await page.getByRole('alert').waitFor();
    await picture(`files-at-hand-${window}`);
    await accessible();
    await fitsTheWindow();
  });
}
