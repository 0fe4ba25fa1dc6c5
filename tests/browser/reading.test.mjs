// Reading a result further: reports to keep, links from one comparison to another, all digests of a tag.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before } from 'node:test';
import { startDemo } from './harness/demo.mjs';
import { samples } from './harness/layout.mjs';
import { person } from './harness/person.mjs';
import { HEADLINES, verdict } from './harness/steps.mjs';

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
