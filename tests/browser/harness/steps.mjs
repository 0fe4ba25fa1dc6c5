// What a person does on the page, by the names that they read there.
import assert from 'node:assert/strict';

/** Types a reference into the start page's input and goes there. */
export async function look({ page }, demo, reference) {
  await page.goto(demo.url);
  const input = page.getByRole('textbox', { name: 'Chart or image' });
  await input.fill(reference);
  await page.getByRole('button', { name: 'Look', exact: true }).click();
}

/** Waits for something, and fails at once where the page says that something went wrong. */
export async function appears({ page }, locator) {
  const alert = page.getByRole('alert').first();
  await locator.or(alert).first().waitFor();
  if (!(await locator.first().isVisible())) assert.fail(`the page says: ${await alert.innerText()}`);
}

/** On a tag's page: chooses an older and a newer digest, and compares them. */
export async function compare(someone, from, to) {
  const { page } = someone;
  const older = page.getByRole('radio', { name: `${short(from)} as the older side` });
  await appears(someone, older);
  await older.check();
  await page.getByRole('radio', { name: `${short(to)} as the newer side` }).check();
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
}

/** Waits for the verdict and reads it. */
export async function verdict(someone) {
  const { page } = someone;
  const region = page.locator('[data-level]');
  await appears(someone, region);
  return {
    level: await region.getAttribute('data-level'),
    headline: await region.getByRole('heading').innerText(),
    causes: await page.locator('[data-code]').evaluateAll((all) => [...new Set(all.map((one) => one.dataset.code))].sort()),
  };
}

/** Waits for a state in which something went wrong; its title, its text, and what kind of fault it is. */
export async function failure({ page }) {
  const alert = page.getByRole('alert');
  await alert.first().waitFor();
  return {
    kind: await alert.first().getAttribute('data-fault'),
    title: await alert.first().getByRole('heading').innerText(),
    text: await alert.first().innerText(),
  };
}

/** The headline that goes with a level. */
export const HEADLINES = {
  identical: 'No change',
  repackaged: 'No real change',
  cosmetic: 'No real change',
  changed: 'Real change',
  breaking: 'Breaking change',
  unknown: 'Cannot tell',
};

/** Holds a verdict against the sample's. */
export function assertVerdict(found, sample) {
  assert.equal(found.level, sample.expectedLevel, `level, with ${found.causes.join(', ')}`);
  assert.equal(found.headline, HEADLINES[sample.expectedLevel]);
  assert.ok(found.causes.length > 0, 'causes are named');
}

export const short = (digest) => digest.split(':')[1].slice(0, 12);
