// Layers so large that workers of their own decode them: the same verdicts, the same refusals, and stopping works.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before } from 'node:test';
import { serveBelow, startDemo } from './harness/demo.mjs';
import { image, served } from './harness/forge.mjs';
import { startLiar } from './harness/liar.mjs';
import { person } from './harness/person.mjs';
import { failure, verdict } from './harness/steps.mjs';

const REPOSITORY = 'harbour/buoy';
const WORKER = /^worker-[0-9a-f]{16}\.js$/;
/** Bytes that look like nothing, the same each time. */
const noise = (name, count) => Buffer.concat(Array.from({ length: Math.ceil(count / 32) }, (_, i) => createHash('sha256').update(`${name} ${i}`).digest())).subarray(0, count).toString('latin1').replaceAll(/[^ -~]/g, '.');
const files = { 'bin/buoy': noise('buoy', 2_500_000), 'lib/bell.so': noise('bell', 700_001), 'etc/buoy.conf': 'light: white\n' };
const older = image(files);
const newer = image({ ...files, 'etc/buoy.conf': 'light: green\n' });
const answers = served(REPOSITORY, { '1.0.0': newer }, [older]);
const layer = Object.entries(newer.blobs).find(([, bytes]) => bytes.length > 1e6)[0];
const LAYER = `/v2/${REPOSITORY}/blobs/${layer}`;

let demo;
before(async () => { demo = await startDemo(); });
after(() => demo.stop());

const address = (page, registry) => `${page}?ref=${registry.host}/${REPOSITORY}:1.0.0&from=${older.digest}&to=${newer.digest}`;

/** A test with a registry of its own. */
function against(name, say, act) {
  person(name, { refusals: true }, async (someone) => {
    const registry = await startLiar(say);
    try {
      await act(someone, registry);
    } finally {
      await registry.stop();
    }
  });
}

against('two large layers are decoded beside the engine, and one line in them is found', answers, async (someone, registry) => {
  const { page } = someone;
  let scripts = 0;
  const host = await serveBelow(demo, '/tools/', (name, body) => { scripts += WORKER.test(name) ? 1 : 0; return body; });
  try {
    await page.goto(address(host.url, registry));
    const found = await verdict(someone);
    assert.equal(found.level, 'changed');
    assert.deepEqual(found.causes.filter((code) => code.startsWith('file.')), ['file.bytes']);
    await page.getByText('etc/buoy.conf').first().waitFor();
    assert.equal(await page.getByText('lib/bell.so').count(), 0, 'what is the same is not among the changes');
    // The engine's own, and one for each layer where there are cores for them.
    const cores = await page.evaluate(() => navigator.hardwareConcurrency);
    if (cores > 1) assert.equal(scripts, 3);
    // Its lines are in the layers still, which were hashed and not kept: they are decoded again, from the browser's store.
    await page.goto(`${address(host.url, registry)}&file=etc/buoy.conf`);
    const lines = page.getByRole('region', { name: 'Lines of the file' });
    await lines.getByText('light: green').first().waitFor();
    assert.equal(registry.asked.filter((line) => line === `GET ${LAYER}`).length, 1, 'nothing is fetched twice');
  } finally {
    await host.stop();
  }
});

const broken = Buffer.from(newer.blobs[layer]);
broken[2_000_000] ^= 1;
against('a large layer that does not match its digest is refused: cannot tell', { ...answers, [LAYER]: { ...answers[LAYER], body: broken } }, async (someone, registry) => {
  const { page } = someone;
  await page.goto(address(demo.url, registry));
  const found = await verdict(someone);
  assert.equal(found.level, 'unknown');
  assert.deepEqual(found.causes.filter((code) => code.startsWith('file.')), []);
  await page.getByText(`${layer} was asked for, the bytes have sha256:`).first().waitFor();
});

against('a decoder that cannot be started is said: cannot tell; the next comparison goes without', answers, async (someone, registry) => {
  const { page, problems } = someone;
  if (await page.evaluate(() => navigator.hardwareConcurrency) < 2) return;
  let scripts = 0;
  const spoilt = Buffer.from('throw new Error("no decoder here");');
  const host = await serveBelow(demo, '/tools/', (name, body) => (WORKER.test(name) && (scripts += 1) > 1 ? spoilt : body));
  try {
    await page.goto(address(host.url, registry));
    assert.equal((await verdict(someone)).level, 'unknown');
    await page.getByText('a decoding part of this page stopped: Uncaught Error: no decoder here').first().waitFor();
    problems.length = 0;
    // From then on the engine, which is still the same one, decodes by itself.
    const started = scripts;
    await page.getByRole('link', { name: 'Tagdrift' }).click();
    await page.getByRole('heading', { name: 'See it on a sample' }).waitFor();
    await page.goBack();
    assert.equal((await verdict(someone)).level, 'changed');
    assert.equal(scripts, started, 'no further decoder is started');
  } finally {
    await host.stop();
  }
});

against('once the host and the registry are gone, decoders still start and decode what is kept', answers, async (someone, registry) => {
  const { page } = someone;
  const host = await serveBelow(demo, '/tools/');
  await page.goto(address(host.url, registry));
  const found = await verdict(someone);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (!(await (await caches.open('tagdrift-page')).match('./'))) await new Promise((resolve) => setTimeout(resolve, 50));
  });
  await host.stop();
  const asked = registry.asked.length;
  await page.goto('about:blank');
  await page.goto(address(host.url, registry));
  assert.deepEqual(await verdict(someone), found);
  assert.deepEqual(registry.asked.slice(asked).filter((line) => line.includes('/blobs/')), []);
});

const slow = (_, times) => (times === 0 ? { ...answers[LAYER], pause: 8000 } : answers[LAYER]);
against('the decoding of a large layer can be stopped, and begun again', { ...answers, [LAYER]: slow }, async (someone, registry) => {
  const { page } = someone;
  await page.goto(address(demo.url, registry));
  const working = page.getByRole('region', { name: 'What is being done' });
  await working.getByText('Fetching').waitFor();
  await working.getByRole('button', { name: 'Stop' }).click();
  assert.equal((await failure(someone)).kind, 'cancelled');
  for (let wait = 0; wait < 100 && registry.cut.length === 0; wait += 1) await page.waitForTimeout(50);
  assert.ok(registry.cut.includes(LAYER), 'the page no longer reads it');
  await page.getByRole('button', { name: 'Try again' }).click();
  assert.equal((await verdict(someone)).level, 'changed');
});
