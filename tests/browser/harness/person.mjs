// Somebody at a browser: a fresh profile each time, and nothing may go wrong behind the page's back.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { browser, closeBrowser } from './chromium.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// Chromium itself writes such a line for every answer that is not a 2xx; a page cannot keep it from doing so.
const REFUSED = /^(Failed to load resource:|Access to fetch at )/;

after(closeBrowser);

/**
 * A test in which one person does something on one page in a fresh profile.
 * It fails on any console error, uncaught exception, or violation of the Content-Security-Policy.
 * @param {string} name
 * @param {{width?: number, height?: number, dark?: boolean, refusals?: boolean}} how `refusals`: answers that are no 2xx are part of the test
 * @param {(person: Person) => Promise<void>} act
 */
export function person(name, how, act) {
  test(name, { timeout: 60_000 }, async () => {
    const someone = await arrive(how);
    try {
      await act(someone);
      assert.deepEqual(someone.problems, [], 'nothing in the console');
    } catch (error) {
      if (someone.problems.length > 0) error.message += `\nconsole: ${someone.problems.join('\n         ')}`;
      await someone.picture(`failed-${name}`);
      throw error;
    } finally {
      await someone.leave();
    }
  });
}

/** A person in a fresh profile, outside of a test of their own. */
export async function arrive({ width = 1280, height = 900, dark = false, refusals = false } = {}) {
  const context = await (await browser()).newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    permissions: ['clipboard-read', 'clipboard-write'],
    reducedMotion: 'reduce',
    locale: 'en-GB',
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const problems = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !(refusals && REFUSED.test(message.text()))) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  await page.exposeFunction('tagdriftTestProblem', (text) => problems.push(text));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => window.tagdriftTestProblem(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  return {
    page,
    problems,
    /** A screenshot, where SCREENSHOTS names a folder for them. */
    async picture(title) {
      const folder = process.env.SCREENSHOTS;
      if (!folder) return;
      mkdirSync(folder, { recursive: true });
      await page.screenshot({ path: join(folder, `${title.replaceAll(/[^\w.-]+/g, '-').toLowerCase()}.png`), fullPage: true });
    },
    /** What axe finds wrong with the page as it stands: nothing. */
    async accessible() {
      // Evaluated by the debugger, so that the page's own policy stays as strict as it is.
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
      const found = violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${rule.help}: ${node.html.slice(0, 160)}`));
      assert.deepEqual(found, [], 'nothing that axe finds');
    },
    /** Whether the page scrolls sideways: it must not, at any width. */
    async fitsTheWindow() {
      const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      assert.ok(content <= window, `${content} pixels of content in a window of ${window}`);
    },
    clipboard: () => page.evaluate(() => navigator.clipboard.readText()),
    leave: () => context.close(),
  };
}
