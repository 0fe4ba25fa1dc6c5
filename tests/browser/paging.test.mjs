// Repositories with thousands of tags: the list comes whole, sorted as versions, a page at a time, and the window stays free.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { startDemo } from './harness/demo.mjs';
import { samples } from './harness/layout.mjs';
import { startLiar } from './harness/liar.mjs';
import { person } from './harness/person.mjs';
import { startRegistry } from './harness/registry.mjs';
import { look } from './harness/steps.mjs';

const [sample] = samples;
/** 5 000 versions, newest first: 50 minor versions of 100 patches each. */
const VERSIONS = Array.from({ length: 5000 }, (_, at) => `1.${49 - Math.floor(at / 100)}.${99 - (at % 100)}`);
/** In no order, as registries may list them. */
const SHUFFLED = VERSIONS.map((tag, at) => [(at * 2741) % 5000, tag]).sort(([a], [b]) => a - b).map(([, tag]) => tag);
const AT_ONCE = 60;

let demo;
let registry;
before(async () => {
  [demo, registry] = await Promise.all([startDemo(), startRegistry()]);
  registry.tag(sample.repository, sample.to, VERSIONS);
});
after(() => Promise.all([demo.stop(), registry.stop()]));

const listed = (page) => page.locator('.tags li').allInnerTexts();

/** Looks at a repository; answers after how many milliseconds its tags show, and the tasks over 50 ms in the window till then. */
async function tags(someone, reference) {
  const { page } = someone;
  await page.addInitScript(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ startTime, duration }) => ({ startTime, duration })))).observe({ entryTypes: ['longtask'] });
  });
  await page.goto(demo.url);
  await page.getByRole('link', { name: samples[0].title }).waitFor();
  const began = await page.evaluate(() => performance.now());
  await page.getByRole('textbox', { name: 'Chart or image' }).fill(reference);
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  await page.locator('.tags li').first().waitFor();
  const [ended, long] = await page.evaluate(async () => {
    const now = performance.now();
    // The observer hears of a task after it.
    await new Promise((resolve) => setTimeout(resolve, 200));
    return [now, window.longTasks];
  });
  const blocked = long.filter(({ startTime }) => startTime >= began).map(({ duration }) => Math.round(duration));
  return { milliseconds: Math.round(ended - began), blocked };
}

person('5 000 tags of a real registry', {}, async (someone) => {
  const { page, accessible, picture } = someone;
  const { milliseconds, blocked } = await tags(someone, `${registry.host}/${sample.repository}`);
  console.log(`5 000 tags: shown after ${milliseconds} ms; tasks of the window over 50 ms: ${blocked.length ? `${blocked.join(', ')} ms` : 'none'}`);
  // The repository's own tag is an older version, and stands behind all others.
  assert.deepEqual(await listed(page), VERSIONS.slice(0, AT_ONCE));
  await accessible();
  await picture('tags-5000');
  const total = VERSIONS.length + 1;
  const more = () => page.getByRole('button', { name: /^Show more/ });
  for (let shown = AT_ONCE; shown <= 4 * AT_ONCE; shown += AT_ONCE) {
    assert.equal((await more().innerText()).replaceAll(/\D/g, ''), String(total - shown));
    await more().focus();
    await page.keyboard.press('Enter');
    await page.locator('.tags li').nth(shown + AT_ONCE - 1).waitFor();
  }
  assert.deepEqual(await listed(page), VERSIONS.slice(0, 5 * AT_ONCE));
  const filter = page.getByRole('searchbox', { name: 'Filter tags' });
  await filter.fill('1.7.4');
  await page.getByRole('link', { name: '1.7.4', exact: true }).waitFor();
  assert.deepEqual(await listed(page), ['1.7.49', '1.7.48', '1.7.47', '1.7.46', '1.7.45', '1.7.44', '1.7.43', '1.7.42', '1.7.41', '1.7.40', '1.7.4']);
  await filter.fill('no such tag');
  await page.getByText('No tag fits this filter.').waitFor();
  await filter.fill(sample.tag);
  await page.getByRole('link', { name: sample.tag, exact: true }).click();
  await page.getByRole('heading', { name: 'Points to now' }).waitFor();
});

/** Pages of a hundred; how the next one is named is the caller's. */
function paged(headers) {
  return (request) => {
    const { searchParams } = new URL(request.url, 'http://registry');
    const last = searchParams.get('last');
    const at = last === null ? 0 : SHUFFLED.indexOf(last) + 1;
    const page = SHUFFLED.slice(at, at + 100);
    return { body: JSON.stringify({ name: 'harbour/many', tags: page }), headers: at + 100 < SHUFFLED.length ? headers(page.at(-1)) : {} };
  };
}
const WAYS = {
  'a relative Link': () => (last) => ({ Link: `</v2/harbour/many/tags/list?n=100&last=${last}>; rel="next"` }),
  'an absolute Link': (host) => (last) => ({ Link: `<http://${host()}/v2/harbour/many/tags/list?n=100&last=${last}>; rel="next"` }),
  'a Link that pages may not read': () => (last) => ({ Link: `</v2/harbour/many/tags/list?n=100&last=${last}>; rel="next"`, 'Access-Control-Expose-Headers': 'Docker-Content-Digest' }),
};
for (const [way, headers] of Object.entries(WAYS)) {
  person(`5 000 tags in 50 pages, each named by ${way}`, {}, async (someone) => {
    const { page } = someone;
    const liar = await startLiar({ '/v2/harbour/many/tags/list': paged(headers(() => liar.host)) });
    try {
      const { milliseconds, blocked } = await tags(someone, `${liar.host}/harbour/many`);
      console.log(`5 000 tags in 50 pages, ${way}: shown after ${milliseconds} ms; tasks of the window over 50 ms: ${blocked.length ? `${blocked.join(', ')} ms` : 'none'}`);
      assert.deepEqual(await listed(page), VERSIONS.slice(0, AT_ONCE));
      assert.equal((await page.getByRole('button', { name: /^Show more/ }).innerText()).replaceAll(/\D/g, ''), String(VERSIONS.length - AT_ONCE));
      assert.ok(liar.asked.length >= 50 && liar.asked.length <= 52, `${liar.asked.length} requests`);
    } finally {
      await liar.stop();
    }
  });
}

person('a list that breaks off says so, and shows what came', { refusals: true }, async (someone) => {
  const { page } = someone;
  const whole = paged((last) => ({ Link: `</v2/harbour/many/tags/list?n=100&last=${last}>; rel="next"` }));
  const liar = await startLiar({ '/v2/harbour/many/tags/list': (request, times) => (times < 3 ? whole(request) : { status: 403, body: '{}' }) });
  try {
    await tags(someone, `${liar.host}/harbour/many`);
    assert.equal((await page.getByRole('button', { name: /^Show more/ }).innerText()).replaceAll(/\D/g, ''), String(300 - AT_ONCE));
    await page.getByText('The list ends here, and there may be more tags.').waitFor();
  } finally {
    await liar.stop();
  }
});
