#!/usr/bin/env node
// Prints how long the page takes from navigation to the verdict of the sample incident, in Chromium on loopback:
// cold (a fresh profile each time) and again (the same profile: cached code and kept blobs).
//   TAGDRIFT=target/demo/tagdrift scripts/bench-page.mjs [ROUNDS]
import { startDemo } from '../tests/browser/harness/demo.mjs';
import { samples } from '../tests/browser/harness/layout.mjs';
import { browser } from '../tests/browser/harness/chromium.mjs';

const rounds = Number(process.argv[2] ?? 9);
const [first, second] = samples;
const demo = await startDemo();
const chromium = await browser();

/** Milliseconds from the start of the navigation until the verdict is painted, and bytes over the wire. */
async function visit(context, sample) {
  const page = await context.newPage();
  await page.goto(`${demo.url}?ref=${demo.host}/${sample.repository}:${sample.tag}&from=${sample.from}&to=${sample.to}`, { waitUntil: 'commit' });
  const took = await page.evaluate(() => new Promise((resolve) => {
    const look = () => (document.querySelector('[data-level]') ? requestAnimationFrame(() => resolve(performance.now())) : requestAnimationFrame(look));
    look();
  }));
  const bytes = await page.evaluate(() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((sum, entry) => sum + entry.transferSize, 0));
  await page.close();
  return { took, bytes };
}

const cold = [];
const again = [];
for (let round = 0; round < rounds; round += 1) {
  const context = await chromium.newContext();
  cold.push(await visit(context, first));
  again.push(await visit(context, first));
  await visit(context, second);
  await context.close();
}
const line = (name, visits) => {
  const times = visits.map((one) => one.took).sort((a, b) => a - b);
  console.log(`${name.padEnd(34)} median ${times[times.length >> 1].toFixed(0)} ms, best ${times[0].toFixed(0)} ms, worst ${times.at(-1).toFixed(0)} ms, ${(visits[0].bytes / 1024).toFixed(1)} KiB by the page itself`);
};
line('navigation → verdict, cold', cold);
line('navigation → verdict, again', again);
await chromium.close();
await demo.stop();
