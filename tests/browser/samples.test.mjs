// The way through: type a reference, see the tag's digests, choose two, read the verdict, share the link.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { startDemo } from './harness/demo.mjs';
import { samples } from './harness/layout.mjs';
import { arrive, person } from './harness/person.mjs';
import { appears, assertVerdict, compare, look, short, verdict } from './harness/steps.mjs';

let demo;
before(async () => { demo = await startDemo(); });
after(() => demo.stop());

for (const sample of samples) {
  person(`${sample.title}: ${sample.expectedLevel}`, {}, async (someone) => {
    const { page, picture } = someone;
    await look(someone, demo, `${demo.host}/${sample.repository}:${sample.tag}`);
    await compare(someone, sample.from, sample.to);
    const found = await verdict(someone);
    assertVerdict(found, sample);
    await picture(`verdict-${sample.repository}-${sample.expectedLevel}`);

    await page.getByRole('button', { name: 'Copy link' }).click();
    const link = await someone.clipboard();
    const address = new URL(link);
    assert.equal(address.origin + address.pathname, demo.url);
    assert.equal(address.searchParams.get('from'), sample.from);
    assert.equal(address.searchParams.get('to'), sample.to);
    assert.equal(page.url(), link, 'the address bar says the same');

    const another = await arrive();
    try {
      await another.page.goto(link);
      assert.deepEqual(await verdict(another), found, 'a fresh profile finds the same');
      assert.deepEqual(another.problems, [], 'nothing in its console');
    } finally {
      await another.leave();
    }
  });
}

person('the sample incident is the first click', {}, async (someone) => {
  const { page, picture } = someone;
  await page.goto(demo.url);
  await picture('start');
  const [first] = samples;
  await page.getByRole('link', { name: first.title }).click();
  assertVerdict(await verdict(someone), first);
});

person('the tag of the incident knows its three digests', {}, async (someone) => {
  const { page, picture } = someone;
  const [first, second] = samples;
  await look(someone, demo, `${demo.host}/${first.repository}:${first.tag}`);
  for (const digest of [first.from, first.to, second.to]) await appears(someone, page.getByRole('radio', { name: `${short(digest)} as the older side` }));
  assert.equal(await page.getByRole('radio', { name: 'as the newer side' }).count(), 3);
  await picture('tag');
});

person('a digest that a person knows is added to the past', { refusals: true }, async (someone) => {
  const { page } = someone;
  const [first] = samples;
  const unknown = `sha256:${'5'.repeat(64)}`;
  await look(someone, demo, `${demo.host}/${first.repository}:${first.tag}`);
  await appears(someone, page.getByRole('radio', { name: `${short(first.from)} as the older side` }));
  const field = page.getByLabel('Another digest of this tag, or another artifact to compare with');
  await field.fill('sha256:55');
  await field.press('Enter');
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  await field.fill(unknown);
  await field.press('Enter');
  await page.getByRole('radio', { name: `${short(unknown)} as the older side` }).waitFor();
});

person('the summary for an issue carries verdict and link', {}, async (someone) => {
  const { page } = someone;
  const sample = samples.find((one) => one.expectedLevel === 'breaking');
  await page.goto(`${demo.url}?ref=${demo.host}/${sample.repository}:${sample.tag}&from=${sample.from}&to=${sample.to}`);
  await verdict(someone);
  await page.getByRole('button', { name: 'Copy summary for an issue' }).click();
  const summary = await someone.clipboard();
  assert.match(summary, /^\*\*Breaking change\*\* \(`breaking`\)/);
  assert.match(summary, /CRD version that is no longer served/);
  assert.ok(summary.includes(`](${page.url()})`), summary);
});

person('the changed file is opened, and the address says so', {}, async (someone) => {
  const { page, picture } = someone;
  const sample = samples.find((one) => one.expectedLevel === 'breaking');
  await page.goto(`${demo.url}?ref=${demo.host}/${sample.repository}:${sample.tag}&from=${sample.from}&to=${sample.to}`);
  await verdict(someone);
  await page.getByRole('navigation', { name: 'Files' }).getByRole('link', { name: 'tidegauges.yaml' }).click();
  const lines = page.getByRole('region', { name: 'Lines of the file' });
  await lines.waitFor();
  assert.equal(new URL(page.url()).searchParams.get('file'), 'templates/crds/tidegauges.yaml');
  assert.match(await lines.innerText(), /served: true[\s\S]*served: false[\s\S]*deprecated: true/);
  await picture('file');
  const address = page.url();
  const another = await arrive();
  try {
    await another.page.goto(address);
    await another.page.getByRole('region', { name: 'Lines of the file' }).waitFor();
  } finally {
    await another.leave();
  }
});
