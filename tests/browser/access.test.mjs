// For everybody: by keyboard alone, in a narrow window, in the dark, and with nothing for axe to find.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { startDemo } from './harness/demo.mjs';
import { samples } from './harness/layout.mjs';
import { person } from './harness/person.mjs';
import { appears, assertVerdict, failure, short, verdict } from './harness/steps.mjs';

let demo;
before(async () => { demo = await startDemo(); });
after(() => demo.stop());

const breaking = samples.find((one) => one.expectedLevel === 'breaking');
const query = (sample) => `?ref=${demo.host}/${sample.repository}:${sample.tag}&from=${sample.from}&to=${sample.to}`;

/** Every state a person meets: how to get there, and what shows that it is there. */
const STATES = [
  ['start', () => '', ({ page }) => page.getByRole('link', { name: samples[0].title }).waitFor()],
  ['repository', () => `?ref=${demo.host}/${breaking.repository}`, (someone) => appears(someone, someone.page.getByRole('link', { name: breaking.tag, exact: true }))],
  ['tag', () => `?ref=${demo.host}/${breaking.repository}:${breaking.tag}`, (someone) => appears(someone, someone.page.getByRole('radio', { name: `${short(breaking.from)} as the older side` }))],
  ['verdict-breaking', () => query(breaking), verdict],
  ['verdict-repackaged', () => query(samples.find((one) => one.expectedLevel === 'repackaged')), verdict],
  ['verdict-index', () => query(samples.find((one) => one.repository === 'images/two-platform')), verdict],
  ['file', () => `${query(breaking)}&file=templates/crds/tidegauges.yaml`, (someone) => appears(someone, someone.page.getByRole('region', { name: 'Lines of the file' }))],
  ['file-unified', () => `${query(breaking)}&file=templates/crds/tidegauges.yaml&view=unified`, (someone) => appears(someone, someone.page.getByRole('region', { name: 'Lines of the file' }))],
  ['failure', () => `?ref=${demo.host}/${breaking.repository}:9.9.9`, failure],
];
const WINDOWS = { wide: {}, narrow: { width: 360, height: 740 }, dark: { dark: true }, 'narrow-dark': { width: 360, height: 740, dark: true } };

for (const [state, address, ready] of STATES) {
  for (const [window, how] of Object.entries(WINDOWS)) {
    person(`${state}, ${window}: nothing that axe finds, nothing beyond the window`, { ...how, refusals: state === 'failure' }, async (someone) => {
      await someone.page.goto(demo.url + address());
      await ready(someone);
      await someone.picture(`${state}-${window}`);
      await someone.fitsTheWindow();
      await someone.accessible();
    });
  }
}

person('from the reference to a file by keyboard alone', {}, async (someone) => {
  const { page } = someone;
  const press = (key) => page.keyboard.press(key);
  /** Presses Tab until something of this name has the focus. */
  const tabTo = async (name) => {
    for (let step = 0; step < 80; step += 1) {
      const focused = await page.evaluate(() => {
        const here = document.activeElement;
        return here?.getAttribute('aria-label') ?? here?.textContent?.trim() ?? '';
      });
      if (focused === name) return;
      await press('Tab');
    }
    assert.fail(`Tab never came to “${name}”`);
  };

  await page.goto(demo.url);
  await page.getByRole('textbox', { name: 'Chart or image' }).waitFor();
  await page.keyboard.type(`${demo.host}/${breaking.repository}:${breaking.tag}`);
  await press('Enter');
  const older = page.getByRole('radio', { name: `${short(breaking.from)} as the older side` });
  await appears(someone, older);
  assert.ok(await older.isChecked(), 'the tag’s last two digests are chosen to begin with');
  await tabTo('Compare');
  await press('Enter');
  assertVerdict(await verdict(someone), breaking);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'verdict', 'the verdict has the focus');
  await press('j');
  await page.getByRole('region', { name: 'Lines of the file' }).waitFor();
  await press('Escape');
  await page.getByRole('region', { name: 'Lines of the file' }).waitFor({ state: 'detached' });
  await page.goBack();
  await older.waitFor();
});
