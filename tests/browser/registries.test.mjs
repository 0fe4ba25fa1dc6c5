// The same way through on real registries: one open to pages, one that wants a password.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { startDemo } from './harness/demo.mjs';
import { samples } from './harness/layout.mjs';
import { person } from './harness/person.mjs';
import { startRegistry } from './harness/registry.mjs';
import { appears, assertVerdict, compare, failure, look, verdict } from './harness/steps.mjs';

let demo;
let open;
let closed;
before(async () => {
  [demo, open, closed] = await Promise.all([startDemo(), startRegistry(), startRegistry({ user: { name: 'harbour', password: 'spring tide' } })]);
});
after(() => Promise.all([demo.stop(), open.stop(), closed.stop()]));

for (const sample of samples) {
  person(`in a real registry, ${sample.title}: ${sample.expectedLevel}`, { refusals: true }, async (someone) => {
    await look(someone, demo, `oci://${open.host}/${sample.repository}:${sample.tag}`);
    await compare(someone, sample.from, sample.to);
    assertVerdict(await verdict(someone), sample);
  });
}

person('tags of a repository in a real registry', { refusals: true }, async (someone) => {
  const { page, picture } = someone;
  const [sample] = samples;
  await look(someone, demo, `${open.host}/${sample.repository}`);
  await appears(someone, page.getByRole('link', { name: sample.tag, exact: true }));
  await page.getByText('tags of signatures and the like are not listed').waitFor();
  await picture('repository');
});

person('a registry that wants a password says so', { refusals: true }, async (someone) => {
  const { page, picture } = someone;
  const [sample] = samples;
  const reference = `${closed.host}/${sample.repository}:${sample.tag}`;
  await look(someone, demo, reference);
  const state = await failure(someone);
  assert.equal(state.kind, 'denied');
  assert.equal(state.title, 'The registry does not let you in');
  assert.equal(await page.getByRole('textbox', { name: 'Chart or image' }).inputValue(), reference);
  await picture('denied');
});
