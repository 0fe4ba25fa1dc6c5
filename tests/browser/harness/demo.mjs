// The program under test, as `make demo` starts it.
import { join } from 'node:path';
import { ROOT } from './layout.mjs';
import { start } from './program.mjs';

/** Starts `tagdrift demo` on a port of its choice; answers the page's URL, which ends with `/`. */
export async function startDemo() {
  const program = start(process.env.TAGDRIFT ?? join(ROOT, 'target/debug/tagdrift'), ['demo', '--listen', '127.0.0.1:0'], { cwd: ROOT });
  const url = await program.until(() => program.output.match(/http:\/\/127\.0\.0\.1:\d+/)?.[0], 'tagdrift demo');
  return { url: `${url}/`, host: url.slice('http://'.length), stop: program.stop };
}
