// Whatever goes wrong is a state of the page: a title, the cause, the next step, and the input as it was.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { startDemo } from './harness/demo.mjs';
import { DEMO, samples } from './harness/layout.mjs';
import { startLiar } from './harness/liar.mjs';
import { person } from './harness/person.mjs';
import { freePort } from './harness/program.mjs';
import { compare, failure, look, verdict } from './harness/steps.mjs';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const [sample] = samples;
const GONE = `sha256:${'0'.repeat(64)}`;
const blob = (repository, digest) => readFileSync(join(DEMO, repository, 'blobs', digest.replace(':', '/')));

let demo;
let liar;
let nobody;
before(async () => {
  nobody = `127.0.0.1:${await freePort()}`;
  liar = await startLiar({
    '/v2/': { body: '{}' },
    '/v2/garbled/tags/list': { body: '{"name":"garbled","tags":["1.0.0"]}' },
    '/v2/garbled/manifests/1.0.0': { type: MANIFEST, body: '<html>hello</html>' },
    [`/v2/tampered/manifests/${sample.from}`]: { type: MANIFEST, body: Buffer.concat([blob(sample.repository, sample.from), Buffer.from('\n')]) },
    '/v2/tampered/tags/list': { body: '{"name":"tampered","tags":[]}' },
    ...swapped(),
  });
  demo = await startDemo();
});
after(() => Promise.all([demo.stop(), liar.stop()]));

/** A repository whose manifests are right, and whose newer archive is the older one's bytes. */
function swapped() {
  const path = (kind, digest) => `/v2/swapped/${kind}/${digest}`;
  const answers = { '/v2/swapped/tags/list': { body: '{"name":"swapped","tags":["2.4.0"]}' } };
  const pair = samples.find((one) => one.expectedLevel === 'cosmetic');
  const archives = [];
  for (const digest of [pair.from, pair.to]) {
    const raw = blob(pair.repository, digest);
    answers[path('manifests', digest)] = { type: MANIFEST, body: raw };
    answers['/v2/swapped/manifests/2.4.0'] = { type: MANIFEST, body: raw };
    const manifest = JSON.parse(raw);
    answers[path('blobs', manifest.config.digest)] = { type: 'application/octet-stream', body: blob(pair.repository, manifest.config.digest) };
    archives.push(manifest.layers[0].digest);
  }
  for (const digest of archives) answers[path('blobs', digest)] = { type: 'application/octet-stream', body: blob(pair.repository, archives[0]) };
  return answers;
}

/** Each: what is typed, and the state it leads to. */
const STATES = [
  ['a registry that does not answer', () => `${nobody}/charts/x:1`, 'unreachable', 'No answer'],
  ['a registry whose name does not resolve', () => 'registry.invalid/charts/x:1', 'unreachable', 'No answer'],
  ['a repository that is not there', () => `${demo.host}/charts/no-such-chart:1.0.0`, 'gone', 'It is not there'],
  ['a tag that is not there', () => `${demo.host}/${sample.repository}:9.9.9`, 'gone', 'It is not there'],
  ['a digest that the registry no longer has', () => `${demo.host}/${sample.repository}@${GONE}`, 'gone', 'It is not there'],
  ['a manifest that is not JSON', () => `${liar.host}/garbled:1.0.0`, 'malformed', 'This does not follow its format'],
  ['a manifest that does not match its digest', () => `${liar.host}/tampered@${sample.from}`, 'mismatch', 'The content does not match its digest'],
];

for (const [what, typed, kind, title] of STATES) {
  person(`${what}: ${title}`, { refusals: true }, async (someone) => {
    const { page, picture } = someone;
    const reference = typed();
    await look(someone, demo, reference);
    const state = await failure(someone);
    assert.equal(state.kind, kind, state.text);
    assert.equal(state.title, title);
    assert.ok(state.text.split('\n').filter((line) => line.trim()).length >= 4, `title, cause, next step, and a way on: ${state.text}`);
    await page.getByRole('button', { name: 'Try again' }).first().waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'Chart or image' }).inputValue(), reference, 'the input stays as it was');
    assert.ok(!state.text.includes('<html>'), 'content is not shown as words');
    await picture(`failure-${what}`);
  });
}

person('a reference that is none is told as it is typed', {}, async ({ page, picture }) => {
  await page.goto(demo.url);
  const input = page.getByRole('textbox', { name: 'Chart or image' });
  assert.ok(await input.evaluate((field) => field === document.activeElement), 'the input is focused');
  for (const [typed, said] of [['ghcr.io/Org/Name:1', 'O'], ['ghcr.io/org/name:', 'tag'], ['ftp://host/name:1', 'oci://']]) {
    await input.fill(typed);
    await page.locator('[aria-invalid=true]').waitFor();
    const words = await page.locator('#understood').innerText();
    assert.ok(words.includes(said), `${typed}: ${words}`);
    await input.press('Enter');
    assert.equal(page.url(), demo.url, 'goes nowhere');
    assert.equal(await input.inputValue(), typed, 'the input stays as it was');
  }
  await picture('failure-reference');
  await input.fill('localhost:5000/demo:1');
  await page.locator('#understood').getByText('localhost:5000').waitFor();
});

person('an archive that does not match its digest is refused: cannot tell', { refusals: true }, async (someone) => {
  const { page, picture } = someone;
  const pair = samples.find((one) => one.expectedLevel === 'cosmetic');
  await page.goto(`${demo.url}?ref=${liar.host}/swapped:2.4.0&from=${pair.from}&to=${pair.to}`);
  const found = await verdict(someone);
  assert.equal(found.level, 'unknown', found.causes.join(', '));
  assert.ok(found.causes.includes('unreadable'), found.causes.join(', '));
  await page.getByRole('heading', { name: 'Could not be read' }).first().waitFor();
  await picture('unknown');
});

person('without a network the page says so, and goes on when it is back', { refusals: true }, async (someone) => {
  const { page } = someone;
  await page.goto(demo.url);
  await page.getByRole('textbox', { name: 'Chart or image' }).fill(`${demo.host}/${sample.repository}:${sample.tag}`);
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  const state = await failure(someone);
  assert.equal(state.kind, 'unreachable');
  await page.context().setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await compare(someone, sample.from, sample.to);
  assert.equal((await verdict(someone)).level, sample.expectedLevel);
});
