// Starting programs for the tests, and ending exactly those.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A port that was free a moment ago. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const listener = createServer();
    listener.on('error', reject);
    listener.listen(0, '127.0.0.1', () => {
      const { port } = listener.address();
      listener.close(() => resolve(port));
    });
  });
}

/** Starts a program; answers what it says, and how to end it. It never outlives the test process. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const running = { child, output: '', failed: null };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { running.output += chunk; });
  child.on('error', (error) => { running.failed = error; });
  const kill = () => child.kill('SIGKILL');
  process.on('exit', kill);
  const ended = new Promise((resolve) => child.on('close', resolve));
  running.stop = async () => {
    process.off('exit', kill);
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  };
  running.until = async (ready, what) => {
    for (let attempt = 0; attempt < 400; attempt += 1) {
      if (running.failed) throw new Error(`${what}: ${running.failed.message}`);
      if (child.exitCode !== null) throw new Error(`${what} ended with ${child.exitCode}: ${running.output}`);
      const answer = await ready();
      if (answer) return answer;
      await sleep(25);
    }
    await running.stop();
    throw new Error(`${what} was not ready in ten seconds: ${running.output}`);
  };
  return running;
}

/** Whether something answers http at an address, whatever it says. */
export async function answers(url) {
  try {
    await fetch(url);
    return true;
  } catch {
    return false;
  }
}
