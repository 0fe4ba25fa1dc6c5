// Nothing twice: what was read by digest is kept in the browser, within a bound that the reader sets.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before } from 'node:test';
import { serveBelow, startDemo } from './harness/demo.mjs';
import { samples } from './harness/layout.mjs';
import { artifact, honest, startLiar } from './harness/liar.mjs';
import { person } from './harness/person.mjs';
import { assertVerdict, compare, failure, look, verdict } from './harness/steps.mjs';

const sample = samples.find((one) => one.expectedLevel === 'breaking');
const image = samples.find((one) => one.repository === 'images/stamps');
const sha256 = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
let demo;
before(async () => { demo = await startDemo(); });
after(() => demo.stop());

const query = (registry, { repository, tag, from, to }) => `?ref=${registry.host}/${repository}:${tag}&from=${from}&to=${to}`;
const blobs = (asked) => asked.filter((line) => line.includes('/blobs/'));
/** A signature may come at any time, so its tag is asked for each time. */
const SIGNATURE = /^GET \/v2\/.*\/(manifests\/sha256-[0-9a-f]{64}(\.sig)?|referrers\/.*)$/;
const settings = async (page) => {
  await page.getByRole('button', { name: 'Settings' }).click();
  return page.getByRole('dialog', { name: 'Settings' });
};

person('a second visit fetches no blob again, and a link nothing but who signed', { refusals: true }, async (someone) => {
  const { page } = someone;
  const registry = await startLiar({ ...honest(sample.repository), ...honest(image.repository) });
  try {
    for (const pair of [sample, image]) {
      await look(someone, demo, `${registry.host}/${pair.repository}:${pair.tag}`);
      await compare(someone, pair.from, pair.to);
      assertVerdict(await verdict(someone), pair);
    }
    assert.ok(blobs(registry.asked).length > 4, registry.asked.join('\n'));
    assert.equal(new Set(blobs(registry.asked)).size, blobs(registry.asked).length, 'no blob is fetched twice in one visit either');

    registry.asked.length = 0;
    await page.goto('about:blank');
    for (const pair of [sample, image]) {
      await look(someone, demo, `${registry.host}/${pair.repository}:${pair.tag}`);
      await compare(someone, pair.from, pair.to);
      assertVerdict(await verdict(someone), pair);
    }
    // What a tag points to, and which tags there are, may be other than before.
    const open = [sample, image].flatMap(({ repository, tag }) => [`GET /v2/${repository}/manifests/${tag}`, `GET /v2/${repository}/tags/list`]);
    assert.deepEqual(registry.asked.filter((line) => !open.includes(line) && !SIGNATURE.test(line)), [], 'manifests of tags and tag lists only');
    assert.ok(registry.asked.length > 0);

    registry.asked.length = 0;
    await page.goto(demo.url + query(registry, sample));
    assertVerdict(await verdict(someone), sample);
    assert.deepEqual(registry.asked.filter((line) => !SIGNATURE.test(line)), []);
  } finally {
    await registry.stop();
  }
  // The registry is gone, and what is kept still opens, files included.
  await page.reload();
  assertVerdict(await verdict(someone), sample);
  await page.getByText('read from what this browser kept').waitFor();
  await page.keyboard.press('j');
  await page.getByRole('region', { name: 'Lines of the file' }).waitFor();
});

person('without a network, what is kept compares in the open page', { refusals: true }, async (someone) => {
  const { page } = someone;
  const registry = await startLiar(honest(sample.repository));
  await page.goto(demo.url + query(registry, sample));
  const found = await verdict(someone);
  await page.getByRole('link', { name: 'Tagdrift, start page' }).click();
  await page.getByRole('textbox', { name: 'Chart or image' }).waitFor();
  await registry.stop();
  await page.context().setOffline(true);
  await page.getByRole('region', { name: 'Looked at on this device' }).getByRole('link', { name: sample.repository }).click();
  assert.deepEqual(await verdict(someone), found);
});

person('what was used longest ago goes first, whichever visit that was; the bound is the reader’s', { refusals: true }, async (someone) => {
  const { page, accessible, fitsTheWindow, picture } = someone;
  const made = Object.fromEntries(['x', 'y', 'z'].map((name) => [name, artifact('harbour/notes', name, randomBytes(18_000_000), sha256)]));
  made.w = artifact('harbour/notes', 'w', Buffer.from('a short note\n'), sha256);
  const registry = await startLiar({
    ...Object.assign({}, ...Object.values(made).map((one) => one.answers)),
    '/v2/harbour/notes/tags/list': { body: '{"name":"harbour/notes","tags":["w","x","y","z"]}' },
  });
  /** A visit of its own, which compares two; answers which large blobs it fetched. */
  const visit = async (from, to) => {
    await page.goto('about:blank');
    registry.asked.length = 0;
    await page.goto(`${demo.url}?ref=${registry.host}/harbour/notes:${to}&from=${made[from].digest}&to=${made[to].digest}`);
    await page.locator('[data-level]').waitFor({ timeout: 40_000 });
    const fetched = Object.entries(made).filter(([, { blob }]) => registry.asked.some((line) => line.endsWith(blob)));
    return fetched.map(([name]) => name).filter((name) => name !== 'w').join('');
  };
  /** Until a visit has written down, a moment after its verdict, that these were used, after the earlier one if it is named. */
  const written = (later, earlier) => page.waitForFunction(async ([first, ...others]) => {
    const order = await (await caches.open('tagdrift-blobs')).match('https://kept.invalid/order');
    const lines = order ? (await order.text()).split('\n') : [];
    const start = first === null ? -1 : lines.indexOf(first);
    return (first === null || start >= 0) && others.every((blob) => lines.indexOf(blob) > start);
  }, [earlier ? made[earlier].blob : null, ...[...later].map((name) => made[name].blob)]);
  try {
    await page.goto(demo.url);
    await (await settings(page)).getByLabel('Keep read content in this browser, at most').selectOption('50');
    assert.equal(await visit('x', 'y'), 'xy');
    await written('xy');
    assert.equal(await visit('w', 'x'), '', 'x is used again');
    await written('wx', 'y');
    assert.equal(await visit('w', 'z'), 'z', 'z needs room: y is the one used longest ago');
    await written('wz', 'x');
    assert.equal(await visit('w', 'x'), '', 'x was not thrown away');
    const dialog = await settings(page);
    await dialog.getByText(/^Kept now: 36(\.\d)?\sMB in \d+ items\.$/).waitFor();
    await accessible();
    await fitsTheWindow();
    await picture('settings-kept');
    await dialog.getByLabel('Keep read content in this browser, at most').selectOption('0');
    await dialog.getByText('Kept now: 0 B in 0 items.').waitFor();
    assert.equal(await visit('w', 'x'), 'x', 'nothing is kept');
    assert.equal(await visit('w', 'x'), 'x', 'and stays so');
  } finally {
    await registry.stop();
  }
});

person('what is kept can be cleared, by keyboard too, and is said', { refusals: true }, async (someone) => {
  const { page } = someone;
  const registry = await startLiar(honest(sample.repository));
  try {
    await page.goto(demo.url + query(registry, sample));
    await verdict(someone);
    const dialog = await settings(page);
    await dialog.getByText(/^Kept now: \d+(\.\d)?\skB in \d+ items\.$/).waitFor();
    const clear = dialog.getByRole('button', { name: 'Clear the kept content' });
    await clear.focus();
    await page.keyboard.press('Enter');
    await dialog.getByText('Kept now: 0 B in 0 items.').waitFor();
    assert.equal(await dialog.getByRole('status').innerText(), 'Cleared.');
    registry.asked.length = 0;
    await page.reload();
    await verdict(someone);
    assert.ok(blobs(registry.asked).length > 0, 'fetched again');
  } finally {
    await registry.stop();
  }
});

person('kept content that was altered on the disk is refused, and fetched again the next time', { refusals: true }, async (someone) => {
  const { page } = someone;
  const registry = await startLiar(honest(sample.repository));
  try {
    await page.goto(demo.url + query(registry, sample));
    const found = await verdict(someone);
    await page.evaluate(async () => {
      const cache = await caches.open('tagdrift-blobs');
      for (const key of await cache.keys()) {
        const bytes = new Uint8Array(await (await cache.match(key)).arrayBuffer());
        if (key.url.endsWith('/order')) continue;
        bytes[bytes.length >> 1] ^= 1;
        await cache.put(key, new Response(bytes));
      }
    });
    await page.reload();
    const region = page.locator('[data-level]').or(page.getByRole('alert')).first();
    await region.waitFor();
    if (await page.locator('[data-level]').count()) assert.equal((await verdict(someone)).level, 'unknown');
    else assert.equal((await failure(someone)).kind, 'mismatch');
    await page.waitForTimeout(300);
    await page.reload();
    assert.deepEqual(await verdict(someone), found);
  } finally {
    await registry.stop();
  }
});

/** Until the page is kept: the service worker is at work, and has what it keeps. */
const pageIsKept = (page) => page.evaluate(async () => {
  await navigator.serviceWorker.ready;
  while (!(await (await caches.open('tagdrift-page')).match('./'))) await new Promise((resolve) => setTimeout(resolve, 50));
});

for (const path of ['/', '/harbour/tools/']) {
  person(`at ${path}: once the host and the registry are gone, the page still opens and compares what is kept`, { refusals: true }, async (someone) => {
    const { page } = someone;
    const [host, registry] = [await serveBelow(demo, path), await startLiar(honest(sample.repository))];
    await page.goto(host.url + query(registry, sample));
    const found = await verdict(someone);
    await pageIsKept(page);
    await Promise.all([host.stop(), registry.stop()]);
    await page.goto('about:blank');
    await page.goto(host.url + query(registry, sample));
    assert.deepEqual(await verdict(someone), found);
    await page.getByText('read from what this browser kept').waitFor();
    // What is not kept says so, and the page stays a page.
    await page.goto(`${host.url}?ref=${registry.host}/${sample.repository}:${sample.tag}`);
    assert.equal((await failure(someone)).kind, 'unreachable');
  });
}

person('the service worker keeps files of the page and nothing else, and none of an older page', { refusals: true }, async (someone) => {
  const { page } = someone;
  let later = false;
  const host = await serveBelow(demo, '/tools/', (name, body) => (later && name === '' ? Buffer.concat([body, Buffer.from('<!-- a later page -->')]) : body));
  const kept = () => page.evaluate(async () => (await (await caches.open('tagdrift-page')).keys()).map((key) => key.url).sort());
  try {
    await page.goto(host.url);
    await page.getByRole('link', { name: sample.title }).click();
    await verdict(someone);
    await pageIsKept(page);
    // After the first visit already, though its files were loaded before this script was at work.
    const first = await kept();
    const files = first.map((url) => url.slice(host.url.length));
    assert.deepEqual(files.filter((name) => !/-[0-9a-f]{8,16}[._]/.test(name)), [''], 'no host can give an old file to a new page');
    const names = files.map((name) => name.replaceAll(/-[0-9a-f]{8,16}(?=[._])/g, ''));
    assert.deepEqual([...new Set(names)].sort(), ['', 'base.css', 'comparison.css', 'device.css', 'engine.js', 'files.css', 'icon.svg', 'settings.css', 'start.css', 'tag.css', 'tagdrift-engine.js', 'tagdrift-engine_bg.wasm', 'tagdrift-page.js', 'tagdrift-page_bg.wasm', 'waits.css', 'worker.js']);
    await page.goto(`${host.url}healthz`);
    assert.equal((await page.locator('body').innerText()).trim(), 'ok');
    await page.goto(host.url);
    await page.getByRole('link', { name: sample.title }).waitFor();
    assert.deepEqual(await kept(), first, 'a second visit adds nothing');
    await page.evaluate(async () => (await caches.open('tagdrift-page')).put('./old-0123.js', new Response('old')));
    later = true;
    await page.goto(host.url);
    await page.getByRole('link', { name: sample.title }).waitFor();
    assert.ok(!(await kept()).some((url) => url.includes('old-0123')), 'what another page had is gone');
    assert.ok((await kept()).includes(host.url));
  } finally {
    await host.stop();
  }
});
