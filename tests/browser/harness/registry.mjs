// A real registry (Debian's docker-registry, distribution 2.8) on a free port, as people run it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { push, repositories } from './layout.mjs';
import { answers, freePort, start } from './program.mjs';

// What an administrator has to set so that any page may read (http.headers of its configuration).
const CORS = `
    Access-Control-Allow-Origin: ['*']
    Access-Control-Allow-Methods: [GET, HEAD, OPTIONS]
    Access-Control-Allow-Headers: [Authorization, Accept, Range]
    Access-Control-Expose-Headers: [Docker-Content-Digest, WWW-Authenticate, Link]`;

/**
 * Starts a registry holding the sample repositories.
 * @param {{cors?: boolean, user?: {name: string, password: string}}} [how]
 */
export async function startRegistry({ cors = true, user } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'tagdrift-registry-'));
  const port = await freePort();
  let config = `version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: ${folder}/storage}, delete: {enabled: true}}
http:
  addr: 127.0.0.1:${port}
  headers:
    X-Content-Type-Options: [nosniff]${cors ? CORS : ''}
`;
  if (user) {
    writeFileSync(join(folder, 'htpasswd'), execFileSync('htpasswd', ['-Bbn', user.name, user.password]));
    config += `auth: {htpasswd: {realm: tagdrift-tests, path: ${folder}/htpasswd}}\n`;
  }
  writeFileSync(join(folder, 'config.yml'), config);
  const program = start('docker-registry', ['serve', join(folder, 'config.yml')]);
  const url = `http://127.0.0.1:${port}`;
  await program.until(() => answers(`${url}/v2/`), 'docker-registry');

  const authorization = user && `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`;
  const registry = {
    url,
    host: `127.0.0.1:${port}`,
    fetch: (path, options = {}) => fetch(url + path, { ...options, headers: { ...options.headers, ...(authorization && { Authorization: authorization }) } }),
    /** Many tags at once, as thousands of pushes would have left them in the registry's storage. */
    tag(repository, digest, tags) {
      for (const tag of tags) {
        const current = join(folder, 'storage/docker/registry/v2/repositories', repository, '_manifests/tags', tag, 'current');
        mkdirSync(current, { recursive: true });
        writeFileSync(join(current, 'link'), digest);
      }
    },
    async stop() {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    for (const repository of repositories()) await push(repository, registry);
  } catch (error) {
    await registry.stop();
    throw error;
  }
  return registry;
}
