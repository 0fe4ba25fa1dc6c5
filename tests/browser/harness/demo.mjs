// The program under test, as `make demo` starts it.
import { createServer } from 'node:http';
import { join } from 'node:path';
import { ROOT } from './layout.mjs';
import { start } from './program.mjs';

/** Starts `tagdrift demo` on a port of its choice; answers the page's URL, which ends with `/`. */
export async function startDemo() {
  const program = start(process.env.TAGDRIFT ?? join(ROOT, 'target/debug/tagdrift'), ['demo', '--listen', '127.0.0.1:0'], { cwd: ROOT });
  const url = await program.until(() => program.output.match(/http:\/\/127\.0\.0\.1:\d+/)?.[0], 'tagdrift demo');
  return { url: `${url}/`, host: url.slice('http://'.length), stop: program.stop };
}

/**
 * The page below a path of another host, as behind a reverse proxy. Nothing stays in the browser's own cache: each request is
 * seen here, and what opens without this host was kept by the page.
 * @param {{url: string}} demo
 * @param {string} path begins and ends with `/`
 * @param {(name: string, body: Buffer) => Buffer} [edit] what a later version of the page would have other
 */
export async function serveBelow(demo, path, edit = (_, body) => body) {
  const server = createServer(async (request, response) => {
    const below = request.url.startsWith(path) ? request.url.slice(path.length) : null;
    const answer = below === null ? new Response('nothing here', { status: 404 }) : await fetch(demo.url + below, { headers: { 'Accept-Encoding': 'identity' } });
    const body = edit(below?.split('?')[0], Buffer.from(await answer.arrayBuffer()));
    const headers = Object.fromEntries([...answer.headers].filter(([name]) => !['content-length', 'etag', 'transfer-encoding', 'connection', 'cache-control'].includes(name)));
    response.writeHead(answer.status, { ...headers, 'Cache-Control': 'no-store', 'Content-Length': body.length }).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}${path}`,
    stop: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }),
  };
}
