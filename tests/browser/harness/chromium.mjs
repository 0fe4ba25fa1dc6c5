// The one Chromium of a test process, headless; Debian's, or what CHROMIUM names.
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  // No name but this machine's resolves: nothing leaves it.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

let launched;

/** Starts it at the first call. */
export function browser() {
  launched ??= chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
  return launched;
}

/** Ends it, if it was ever started. */
export async function closeBrowser() {
  await (await launched)?.close();
}
