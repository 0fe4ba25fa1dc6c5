// Reading a result further: reports to keep, links from one comparison to another, all digests of a tag.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before } from 'node:test';
import { startDemo } from './harness/demo.mjs';
import { chart, image, served, signatureTag } from './harness/forge.mjs';
import { samples } from './harness/layout.mjs';
import { startLiar } from './harness/liar.mjs';
import { person } from './harness/person.mjs';
import { HEADLINES, appears, look, short, verdict } from './harness/steps.mjs';

let demo;
before(async () => { demo = await startDemo(); });
after(() => demo.stop());

const breaking = samples.find((one) => one.expectedLevel === 'breaking');
const address = ({ repository, tag, from, to }) => `${demo.url}?ref=${demo.host}/${repository}:${tag}&from=${from}&to=${to}`;

/** Presses the button of a report; answers the file's name and text. */
async function report({ page }, form) {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('group', { name: 'Full report' }).getByRole('button', { name: form }).click(),
  ]);
  return [download.suggestedFilename(), readFileSync(await download.path(), 'utf8')];
}

person('the full report is kept as Markdown, HTML and JSON', {}, async (someone) => {
  const { page } = someone;
  await page.goto(address(breaking));
  const found = await verdict(someone);
  const stem = ['tagdrift', breaking.repository.split('/').pop(), breaking.tag, ...[breaking.from, breaking.to].map((d) => d.split(':')[1].slice(0, 8))].join('-');

  const [mdName, md] = await report(someone, 'Markdown');
  assert.equal(mdName, `${stem}.md`);
  assert.ok(md.includes(HEADLINES[breaking.expectedLevel]));
  assert.ok(md.length < 65_536);
  assert.ok(md.includes(`(${page.url()})`), 'it leads back to this comparison');
  assert.match(md, /^\+ *served: false$/m, 'it carries the lines that changed');

  const [jsonName, json] = await report(someone, 'JSON');
  assert.equal(jsonName, `${stem}.json`);
  const model = JSON.parse(json);
  assert.equal(model.schema, 'tagdrift/comparison/1');
  assert.equal(model.verdict.level, found.level);
  assert.deepEqual([...new Set(model.causes.map((one) => one.code))].sort(), found.causes);
  assert.equal(model.subject.tag, breaking.tag);

  const [htmlName, html] = await report(someone, 'HTML');
  assert.equal(htmlName, `${stem}.html`);
  assert.match(html, /^<!doctype html>/i);
  assert.ok(html.includes(HEADLINES[breaking.expectedLevel]));
  const problems = [];
  const reader = await page.context().newPage();
  reader.on('request', (request) => problems.push(request.url()));
  await reader.setContent(html);
  assert.deepEqual(problems, [], 'it needs no network');
  await reader.close();
});

person('the report of an image carries what changed in its files, which were hashed at first', {}, async (someone) => {
  await someone.page.goto(address(samples.find((one) => one.repository === 'images/file')));
  assert.equal((await verdict(someone)).level, 'changed');
  const [, md] = await report(someone, 'Markdown');
  assert.match(md, /^-flash-every = 5s\n\+flash-every = 3s$/m);
  const [, html] = await report(someone, 'HTML');
  assert.ok(html.includes('<span class="del">-flash-every = 5s</span><span class="add">+flash-every = 3s</span>'));
});

/** Runs with a registry that has these artifacts; every answer that is not there is a 404. */
async function withRegistry(answers, act) {
  const registry = await startLiar({});
  try {
    for (const [path, answer] of Object.entries(answers(registry.host))) registry.answers[path] = answer;
    await act(registry);
  } finally {
    await registry.stop();
  }
}

const deployment = (text) => `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {template: {spec: {containers: [{name: x, image: "${text}"}]}}}\n`;

person('each changed image leads to its own comparison', { refusals: true }, async (someone) => {
  const { page, picture } = someone;
  const [old, now] = [image({ 'etc/motd': 'ebb\n' }), image({ 'etc/motd': 'flood\n' })];
  const charts = (host) => [['1.0', old], ['1.1', now]].map(([tag]) => chart('kelp', '0.1.0', { 'templates/x.yaml': deployment(`${host}/images/tide:${tag}`) }));
  await withRegistry((host) => {
    const [before, after] = charts(host);
    return { ...served('charts/kelp', { '0.1.0': after }, [before]), ...served('images/tide', { '1.0': old, 1.1: now }) };
  }, async ({ host }) => {
    const [before, after] = charts(host);
    await page.goto(`${demo.url}?ref=${host}/charts/kelp:0.1.0&from=${before.digest}&to=${after.digest}`);
    assert.equal((await verdict(someone)).level, 'changed');
    const cause = page.locator('[data-code="image.reference"]');
    for (const tag of ['1.0', '1.1']) {
      assert.equal(await cause.getByRole('link', { name: `${host}/images/tide:${tag}` }).getAttribute('href'), `?ref=${host}/images/tide:${tag}`);
    }
    await someone.accessible();
    await picture('image-cause');
    await cause.getByRole('link', { name: 'Compare these two images, as their tags point now' }).click();
    await page.locator('.against').waitFor();
    const found = await verdict(someone);
    assert.equal(found.level, 'changed');
    // Both tags were looked up, and the address says what they pointed to.
    await page.waitForURL((url) => url.searchParams.get('from') === old.digest && url.searchParams.get('to') === now.digest);
    assert.equal(new URL(page.url()).searchParams.get('against'), `${host}/images/tide:1.0`);
    await page.getByRole('navigation', { name: 'Files' }).getByRole('link', { name: 'motd' }).waitFor();
    await someone.accessible();
    await picture('images-compared');
  });
});

person('a tag is held against another one, in another repository', { refusals: true }, async (someone) => {
  const { page } = someone;
  const files = { 'values.yaml': 'a: 1\n' };
  await withRegistry(() => ({
    ...served('charts/kelp', { '0.1.0': chart('kelp', '0.1.0', files) }),
    ...served('mirror/kelp', { '0.1.0': chart('kelp', '0.1.0', files, '2026-02-02T00:00:00Z') }),
  }), async ({ host }) => {
    await look(someone, demo, `${host}/charts/kelp:0.1.0`);
    const field = page.getByLabel('Another digest of this tag, or another artifact to compare with');
    await appears(someone, field);
    await field.fill('a/b');
    await field.press('Enter');
    assert.equal(await field.getAttribute('aria-invalid'), 'true', 'it names no tag');
    await field.fill(`${host}/mirror/kelp:0.1.0`);
    await field.press('Enter');
    assert.equal((await verdict(someone)).level, 'repackaged');
    assert.match(await page.locator('.against').innerText(), /against .*mirror\/kelp:0\.1\.0/);
  });
});

person('a signature that the newer digest lacks is told, as by the program', { refusals: true }, async (someone) => {
  const { page } = someone;
  const [before, after] = ['2026-01-01T00:00:00Z', '2026-02-02T00:00:00Z'].map((created) => chart('kelp', '0.1.0', {}, created));
  const signature = image({ signature: 'not looked at' });
  const tagged = (signed) => Object.fromEntries([['0.1.0', after], ...signed.map((one) => [signatureTag(one.digest), signature])]);
  for (const [signed, lost] of [[[before], true], [[before, after], false], [[], false]]) {
    await withRegistry(() => served('charts/kelp', tagged(signed), [before]), async ({ host }) => {
      await look(someone, demo, `${host}/charts/kelp:0.1.0`);
      await page.goto(`${demo.url}?ref=${host}/charts/kelp:0.1.0&from=${before.digest}&to=${after.digest}`);
      const found = await verdict(someone);
      assert.equal(found.level, 'repackaged');
      assert.equal(found.causes.includes('signature.lost'), lost, found.causes.join(', '));
    });
  }
});

person('the contents of all digests of a tag: which share one, and which files vary', {}, async (someone) => {
  const { page, picture } = someone;
  const three = samples.slice(0, 2);
  const [first, second, third] = [three[0].from, three[0].to, three[1].to];
  await look(someone, demo, `${demo.host}/${three[0].repository}:${three[0].tag}`);
  const go = page.getByRole('button', { name: 'Compare contents of all 3 digests' });
  await appears(someone, go);
  await go.click();
  await page.getByRole('heading', { name: '3 digests, 2 distinct contents' }).waitFor();
  const shortest = (digest) => digest.split(':')[1].slice(0, 7);
  // The two pushes of one source are one content; the file that the third one changed varies.
  assert.match(await page.locator('.content').nth(1).innerText(), new RegExp(`${short(second)}[\\s\\S]*${short(first)}`));
  assert.match(await page.locator('.content').nth(1).innerText(), /Breaking change/);
  assert.deepEqual(await page.locator('.vary tbody th').allInnerTexts(), ['templates/crds/tidegauges.yaml']);
  // The second of them is folded away in the timeline, and still there for whoever asks.
  const older = page.getByRole('radio', { name: `${short(first)} as the older side` });
  assert.equal(await older.isVisible(), false);
  await page.getByText('1 more with the same content').click();
  await older.waitFor();
  await someone.accessible();
  await someone.fitsTheWindow();
  await picture('contents');
  await page.setViewportSize({ width: 390, height: 844 });
  await someone.fitsTheWindow();
  await page.setViewportSize({ width: 1280, height: 900 });
  // Every pair leads to its comparison.
  const cells = page.locator('.pairs td a');
  assert.deepEqual(await cells.allInnerTexts(), ['≠', '≠', '=']);
  assert.equal(await cells.nth(0).getAttribute('aria-label'), `sha256:${shortest(second)} against sha256:${shortest(third)}: other content`);
  await cells.nth(2).click();
  assert.equal((await verdict(someone)).level, three[0].expectedLevel);
  assert.deepEqual([...new URL(page.url()).searchParams].slice(1).map(([, digest]) => digest), [first, second]);
});

person('what hides in a path or a value is made visible, once', { dark: true, refusals: true }, async (someone) => {
  const { page, picture } = someone;
  const [before, after] = [{}, { 'templates/a\u200b.yaml': 'a: "\u202egnp.exe"\n', 'values.yaml': 'b: "x\u2066y"\n' }].map((files) => chart('kelp', '0.1.0', files));
  await withRegistry(() => served('charts/kelp', { '0.1.0': after }, [before]), async ({ host }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${demo.url}?ref=${host}/charts/kelp:0.1.0&from=${before.digest}&to=${after.digest}`);
    await verdict(someone);
    const said = await page.locator('main').innerText();
    assert.doesNotMatch(said, /[\u200b\u202e\u2066]/, 'nothing on the page hides or turns text around');
    assert.equal(said.match(/The path has the invisible character U\+200B/gi)?.length, 1);
    // The cause names the file as the list does, so it leads there.
    await page.locator('[data-code="file.added"]').getByRole('link', { name: 'templates/a\\u{200b}.yaml' }).click();
    await page.getByRole('region', { name: 'Lines of the file' }).getByText('U+202E').waitFor();
    await someone.fitsTheWindow();
    await someone.accessible();
    await picture('hidden-characters');
  });
});

person('a part that cannot be read is named within a narrow window', { dark: true, refusals: true }, async (someone) => {
  const { page } = someone;
  const [before, after] = ['a: 1\n', 'a: 2\n'].map((text) => chart('kelp', '0.1.0', { 'templates/a.yaml': text }));
  await withRegistry(() => {
    const answers = served('charts/kelp', { '0.1.0': after }, [before]);
    answers[`/v2/charts/kelp/blobs/${JSON.parse(after.manifest).layers[0].digest}`].body = Buffer.from('something else');
    return answers;
  }, async ({ host }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${demo.url}?ref=${host}/charts/kelp:0.1.0&from=${before.digest}&to=${after.digest}`);
    assert.equal((await verdict(someone)).level, 'unknown');
    await page.getByRole('heading', { name: 'Could not be read' }).first().waitFor();
    await someone.fitsTheWindow();
    await someone.accessible();
  });
});

for (const [window, size] of Object.entries({ wide: {}, narrow: { width: 390, height: 844 } })) {
  person(`${window}: a file is opened from its cause, stepped through and closed by the keyboard`, size, async (someone) => {
    const { page } = someone;
    await page.goto(address(breaking));
    await verdict(someone);
    const holds = () => page.evaluate(() => [document.activeElement.id, document.activeElement.innerText]);
    const title = page.locator('#file-title');
    await page.locator('.cause').getByRole('link', { name: 'templates/crds/tidegauges.yaml' }).first().press('Enter');
    await title.waitFor();
    await page.waitForFunction(() => document.activeElement.id === 'file-title');
    const changed = page.locator('.diff td.added').last();
    await changed.waitFor();
    const [{ y }, last] = [await title.boundingBox(), await changed.boundingBox()];
    const { height } = page.viewportSize();
    assert.ok(y >= 0 && last.y + last.height <= height, `from its title at ${y} to what changed at ${last.y}, it is in the window of ${height}`);
    await page.keyboard.press('Escape');
    await title.waitFor({ state: 'detached' });
    assert.match((await holds())[1], /tidegauges\.yaml/, 'back where it stands in the list');
    await page.keyboard.press('j');
    await page.waitForFunction(() => document.activeElement.id === 'file-title');
    await someone.accessible();
  });
}

person('a cause of one platform says so, and leads to that platform alone and back', {}, async (someone) => {
  const { page, picture } = someone;
  await page.goto(address(samples.find((one) => one.repository === 'images/two-platform')));
  const whole = await verdict(someone);
  const platform = page.locator('[data-code="index.platform-changed"]').getByRole('link', { name: 'linux/' });
  const name = await platform.innerText();
  assert.equal(await page.locator('[data-code="file.bytes"] .chip').innerText(), name);
  await picture('platforms');
  await platform.click();
  await page.getByText(`Only ${name}.`).waitFor();
  const alone = await verdict(someone);
  assert.equal(alone.level, whole.level);
  assert.deepEqual(alone.causes, whole.causes, 'the other platform had no cause of its own');
  assert.equal(await page.locator('[data-code="index.platform-changed"]').getByRole('link').count(), 0, 'there is nowhere further to go');
  await page.getByRole('link', { name: 'All platforms' }).click();
  await platform.waitFor();
  assert.equal(new URL(page.url()).searchParams.has('platform'), false);
});
