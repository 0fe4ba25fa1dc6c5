// A registry that says what a test makes it say; CORS as an open registry has it.
import { createServer } from 'node:http';

/**
 * Starts it.
 * @param {Record<string, {status?: number, type?: string, body: string | Buffer}>} answers by path
 */
export async function startLiar(answers) {
  const asked = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://liar').pathname);
    asked.push(`${request.method} ${path}`);
    const { status = 200, type = 'application/json', body } = answers[path] ?? { status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN"}]}' };
    response.writeHead(status, {
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Expose-Headers': 'Docker-Content-Digest, WWW-Authenticate, Link',
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${server.address().port}`,
    asked,
    /** What it answers by path; may be changed while it runs. */
    answers,
    stop: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }),
  };
}
