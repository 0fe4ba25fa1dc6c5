// Registries that let one wait, count requests, or send one elsewhere to sign in: seen, stopped, asked for.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { startDemo } from './harness/demo.mjs';
import { samples } from './harness/layout.mjs';
import { honest, startLiar } from './harness/liar.mjs';
import { person } from './harness/person.mjs';
import { appears, assertVerdict, compare, failure, look, short, verdict } from './harness/steps.mjs';

const sample = samples.find((one) => one.expectedLevel === 'breaking');
const answers = honest(sample.repository);
const MANIFEST = `/v2/${sample.repository}/manifests/${sample.tag}`;
const BUSY = (seconds) => ({ status: 429, headers: { 'Retry-After': String(seconds) }, body: '{"errors":[{"code":"TOOMANYREQUESTS","message":"too many pulls"}]}' });
const WINDOWS = { wide: {}, 'narrow-dark': { width: 360, height: 740, dark: true } };
let demo;
before(async () => { demo = await startDemo(); });
after(() => demo.stop());

const reference = (registry) => `${registry.host}/${sample.repository}:${sample.tag}`;
const arrived = (someone) => appears(someone, someone.page.getByRole('radio', { name: `${short(sample.to)} as the newer side` }));

/** A test with a registry of its own. */
function against(name, how, say, act) {
  person(name, { refusals: true, ...how }, async (someone) => {
    const registry = await startLiar(typeof say === 'function' ? say() : say);
    try {
      await act(someone, registry);
    } finally {
      await registry.stop();
    }
  });
}

for (const [window, how] of Object.entries(WINDOWS)) {
  let refusedAt;
  let answeredAt;
  const waits = (_, times) => {
    if (times === 0) refusedAt = performance.now();
    if (times === 1) answeredAt = performance.now();
    return times === 0 ? BUSY(4) : answers[MANIFEST];
  };
  against(`429 with Retry-After, ${window}: a countdown, then it goes on by itself`, how, { ...answers, [MANIFEST]: waits }, async (someone, registry) => {
    const { page, picture, accessible, fitsTheWindow } = someone;
    await look(someone, demo, reference(registry));
    const working = page.getByRole('region', { name: 'What is being done' }).first();
    await working.getByText('The registry asked to wait').waitFor();
    const left = page.locator('.countdown').first();
    const first = Number.parseInt(await left.innerText(), 10);
    assert.ok(first >= 2 && first <= 4, `${first} seconds left`);
    await accessible();
    await fitsTheWindow();
    await picture(`waiting-${window}`);
    // It counts, and is not read out each second.
    await page.waitForFunction((before) => Number.parseInt(document.querySelector('.countdown')?.textContent, 10) < before, first);
    assert.equal(await left.getAttribute('aria-live'), 'off');
    await arrived(someone);
    assert.ok(refusedAt + 4000 <= answeredAt, `asked again after ${answeredAt - refusedAt} ms`);
  });
}

against('429 for longer than anybody waits: said with the time, and not tried again by itself', {}, { ...answers, [MANIFEST]: () => BUSY(7200) }, async (someone, registry) => {
  const { page } = someone;
  await look(someone, demo, reference(registry));
  const state = await failure(someone);
  assert.equal(state.kind, 'busy');
  assert.equal(state.title, 'The registry asks to come back later');
  assert.match(state.text, /2 h|120 min/);
  assert.equal(registry.asked.filter((line) => line === `GET ${MANIFEST}`).length, 1);
  await page.getByRole('button', { name: 'Try again' }).first().waitFor();
});

against('a wait can be stopped, and started again', {}, { ...answers, [MANIFEST]: (_, times) => (times === 0 ? BUSY(50) : answers[MANIFEST]) }, async (someone, registry) => {
  const { page } = someone;
  await look(someone, demo, reference(registry));
  const working = page.getByRole('region', { name: 'What is being done' }).filter({ hasText: 'The registry asked to wait' });
  await working.getByRole('button', { name: 'Stop' }).first().click();
  const state = await failure(someone);
  assert.equal(state.kind, 'cancelled');
  assert.equal(state.title, 'Stopped');
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await page.getByRole('alert').first().waitFor({ state: 'detached' });
  await arrived(someone);
});

const QUOTA = { 'RateLimit-Limit': '100;w=21600', 'RateLimit-Remaining': '87;w=21600' };
against('the quota that a registry tells is shown', {}, Object.fromEntries(Object.entries(answers).map(([path, answer]) => [path, { ...answer, headers: QUOTA }])), async (someone, registry) => {
  const { page, accessible, picture } = someone;
  await look(someone, demo, reference(registry));
  await arrived(someone);
  await page.getByText('87 of 100 requests left, in a window of 6 h').waitFor();
  await accessible();
  await picture('quota');
  await compare(someone, sample.from, sample.to);
  await verdict(someone);
  await page.getByText('87 of 100 requests left, in a window of 6 h').waitFor();
});

against('a transfer can be stopped: the connection ends, and a second try goes through', {}, () => {
  const blobs = Object.entries(answers).filter(([path, { body }]) => path.includes('/blobs/') && body.length > 1000);
  const slow = blobs.map(([path, answer]) => [path, (_, times) => (times === 0 ? { ...answer, pause: 8000 } : answer)]);
  return { ...answers, ...Object.fromEntries(slow) };
}, async (someone, registry) => {
  const { page, picture, accessible } = someone;
  await page.goto(`${demo.url}?ref=${reference(registry)}&from=${sample.from}&to=${sample.to}`);
  const working = page.getByRole('region', { name: 'What is being done' });
  await working.getByRole('progressbar').waitFor();
  await working.getByText('Fetching').waitFor();
  await accessible();
  await picture('fetching');
  await working.getByRole('button', { name: 'Stop' }).focus();
  await page.keyboard.press('Enter');
  const state = await failure(someone);
  assert.equal(state.kind, 'cancelled');
  assert.match(state.text, /Nothing was lost/);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Stopped', 'the keyboard goes on from there');
  for (let wait = 0; wait < 100 && registry.cut.length === 0; wait += 1) await page.waitForTimeout(50);
  assert.ok(registry.cut.some((path) => path.includes('/blobs/')), 'the page no longer reads what it was fetching');
  await page.getByRole('button', { name: 'Try again' }).click();
  assertVerdict(await verdict(someone), sample);
});

person('offline is said as that, without advice for administrators', { refusals: true }, async (someone) => {
  const { page, picture, accessible } = someone;
  await page.goto(demo.url);
  await page.getByRole('textbox', { name: 'Chart or image' }).fill(`${demo.host}/${sample.repository}:${sample.tag}`);
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  const state = await failure(someone);
  assert.equal(state.title, 'No network');
  assert.match(state.text, /This device is offline/);
  assert.equal(await page.getByText('Access-Control-Allow-Origin').count(), 0);
  await accessible();
  await picture('offline');
});

/** A registry whose sign-in is on another host: `localhost`, where the registry is `127.0.0.1`. */
async function elsewhere(someone, act) {
  const user = 'harbour';
  const password = 'spring tide';
  const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const tokens = [];
  const issuer = await startLiar({
    '/token': (request) => {
      const known = request.headers.authorization === basic;
      tokens.push(known ? 'known' : request.headers.authorization ?? 'nobody');
      return known ? { body: '{"token":"flood"}' } : { status: 401, body: '{"errors":[{"code":"DENIED"}]}' };
    },
  });
  const realm = issuer.host.replace('127.0.0.1', 'localhost');
  const guarded = Object.fromEntries(Object.entries(answers).map(([path, answer]) => [path, (request) => (request.headers.authorization === 'Bearer flood' ? answer : {
    status: 401,
    headers: { 'WWW-Authenticate': `Bearer realm="http://${realm}/token",service="harbour",scope="repository:${sample.repository}:pull"` },
    body: '{"errors":[{"code":"UNAUTHORIZED"}]}',
  })]));
  const registry = await startLiar(guarded);
  const { page } = someone;
  try {
    await look(someone, demo, reference(registry));
    assert.equal((await failure(someone)).kind, 'denied');
    await page.getByLabel('User name').fill(user);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in to' }).click();
    // Asked, with both hosts by name; until then nobody else has seen the credentials.
    await page.getByText(`${registry.host} wants its credentials to be checked by ${realm}, which is another host.`).waitFor();
    assert.ok(!tokens.includes('known'), tokens.join());
    await act({ registry, realm, tokens });
  } finally {
    await Promise.all([issuer.stop(), registry.stop()]);
  }
}

person('a sign-in on another host is asked for: accepted, it goes on', { refusals: true }, async (someone) => {
  const { page, accessible, picture } = someone;
  await elsewhere(someone, async ({ realm, tokens }) => {
    await accessible();
    await picture('realm');
    await page.getByRole('button', { name: `Show them to ${realm}` }).click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await arrived(someone);
    assert.ok(tokens.includes('known'), tokens.join());
    await compare(someone, sample.from, sample.to);
    assertVerdict(await verdict(someone), sample);
  });
});

person('a sign-in on another host is asked for: refused, nothing is shown to it, and one can be asked again', { refusals: true }, async (someone) => {
  const { page, accessible, picture } = someone;
  await elsewhere(someone, async ({ registry, realm, tokens }) => {
    await page.getByRole('button', { name: 'Do not show them' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText(`Nothing was shown to ${realm}.`).waitFor();
    assert.match(await page.evaluate(() => document.activeElement.textContent), /^Nothing was shown/, 'the keyboard goes on from there');
    await accessible();
    await picture('realm-refused');
    await page.getByRole('button', { name: 'Try again' }).first().click();
    await page.getByText(`${registry.host} wants its credentials to be checked by ${realm}`).waitFor();
    assert.ok(!tokens.includes('known'), tokens.join());
  });
});
