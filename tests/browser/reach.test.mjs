// Ways to what people have: the relay, a sign-in through it, files of the device; and filters for noise.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { chart } from './harness/files.mjs';
import { ROOT, samples } from './harness/layout.mjs';
import { person } from './harness/person.mjs';
import { start } from './harness/program.mjs';
import { startRegistry } from './harness/registry.mjs';
import { appears, assertVerdict, compare, failure, look, verdict } from './harness/steps.mjs';

const [sample] = samples;
const user = { name: 'harbour', password: 'spring tide' };
let folder;
let closed;
let secret;
let site;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tagdrift-files-'));
  [closed, secret] = await Promise.all([startRegistry({ cors: false }), startRegistry({ cors: false, user })]);
  const args = ['serve', '--listen', '127.0.0.1:0', '--allow', closed.host, '--allow', secret.host, '--allow-private'];
  const program = start(process.env.TAGDRIFT ?? join(ROOT, 'target/debug/tagdrift'), args, { cwd: ROOT });
  const url = await program.until(() => program.output.match(/http:\/\/127\.0\.0\.1:\d+/)?.[0], 'tagdrift serve');
  site = { url: `${url}/`, stop: program.stop };
});
after(async () => {
  await Promise.all([site.stop(), closed.stop(), secret.stop()]);
  rmSync(folder, { recursive: true });
});

const reference = (registry) => `${registry.host}/${sample.repository}:${sample.tag}`;
const choose = (page, ...files) => page.locator('main input[type=file]').first().setInputFiles(files);

person('a registry that refuses pages is read by the relay', { refusals: true }, async (someone) => {
  const { page, accessible } = someone;
  await look(someone, site, reference(closed));
  await appears(someone, page.getByRole('main').getByText('through the relay of this page'));
  await compare(someone, sample.from, sample.to);
  assertVerdict(await verdict(someone), sample);
  await page.getByText('read through the relay of this page').waitFor();
  await accessible();
});

person('who signs in for the session stays so after a reload, and leaves no trace elsewhere', { refusals: true }, async (someone) => {
  const { page, accessible } = someone;
  await look(someone, site, reference(secret));
  assert.equal((await failure(someone)).kind, 'denied');
  await page.getByLabel('User name').fill(user.name);
  await page.getByLabel('Password').fill(user.password);
  await page.getByLabel('Stay signed in for this session').check();
  await accessible();
  await page.getByRole('button', { name: 'Sign in to' }).click();
  const read = page.getByRole('main').getByText('through the relay of this page');
  await read.waitFor();
  await page.reload();
  await read.waitFor();
  const lasting = await page.evaluate(() => JSON.stringify(localStorage) + location.href);
  assert.ok(!lasting.includes('spring'), lasting);
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await page.reload();
  assert.equal((await failure(someone)).kind, 'denied');
});

person('a registry that nothing can read: what to set, and the command that solves it', { refusals: true }, async (someone) => {
  const { page, accessible } = someone;
  await look(someone, site, 'localhost:1/charts/kelp:1.0.0');
  assert.equal((await failure(someone)).kind, 'unreachable');
  await page.getByText('tagdrift serve --allow localhost:1 --allow-private').waitFor();
  await page.getByText(`Access-Control-Allow-Origin: ['${new URL(site.url).origin}']`).waitFor();
  await accessible();
});

person('two files of the device, and their address once they are dropped again', { refusals: true }, async (someone) => {
  const { page, accessible } = someone;
  const files = [['older.tgz', sample.from], ['newer.tgz', sample.to]].map(([name, digest]) => chart(join(folder, name), sample.repository, digest));
  const sent = [];
  page.on('request', (request) => { if (request.method() !== 'GET') sent.push(request.url()); });
  await page.goto(site.url);
  await choose(page, ...files);
  await page.locator('.past-name').getByText('older.tgz').waitFor();
  await accessible();
  await page.getByRole('main').getByRole('button', { name: 'Compare', exact: true }).click();
  const found = await verdict(someone);
  assert.equal(found.level, sample.expectedLevel);
  await page.reload();
  assert.equal((await failure(someone)).kind, 'gone');
  await choose(page, ...files);
  await page.locator('[data-level]').waitFor();
  assert.deepEqual(await verdict(someone), found);
  assert.deepEqual(sent, [], 'nothing is sent');
});

person('noise can be hidden and comes back by one click; the verdict stays', {}, async (someone) => {
  const { page, accessible } = someone;
  await page.goto(site.url);
  await page.getByRole('link', { name: sample.title }).click();
  const level = (await verdict(someone)).level;
  const boxes = page.getByRole('group', { name: 'Noise to show' }).getByRole('checkbox');
  const count = await boxes.count();
  assert.ok(count > 0, 'there is noise');
  for (let at = 0; at < count; at += 1) await boxes.nth(at).uncheck();
  await page.getByText('Hidden by filters').first().waitFor();
  assert.equal((await verdict(someone)).level, level);
  assert.deepEqual((await verdict(someone)).causes, [], 'all of it is hidden');
  assert.match(page.url(), /[?&]hide=/);
  await accessible();
  await page.getByRole('button', { name: 'Show everything' }).first().click();
  assert.doesNotMatch(page.url(), /[?&]hide=/);
});
