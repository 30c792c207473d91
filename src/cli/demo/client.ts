import { type ChildProcess, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { ended, gather, start } from '../../tools/children.js';

const nodeClient = fileURLToPath(new URL('./node-client.js', import.meta.url));
const curlArgs = ['-q', '--silent', '--show-error', '--fail', '--noproxy', '*'];

let found: 'curl' | 'node' | undefined;

/** Which HTTP client downloads: curl, or a program of this package where curl is not installed. */
export function clientName(): 'curl' | 'node' {
  found ??= spawnSync('curl', ['--version'], { stdio: 'ignore' }).status === 0 ? 'curl' : 'node';
  return found;
}

/**
 * Downloads and drops the bytes.
 * @returns the time that it took, by the client's own clock, in seconds
 * @throws Error with the client's message
 */
export async function download(url: string): Promise<number> {
  const args = [...curlArgs, '--output', '/dev/null', '--write-out', '%{time_total}', url];
  const child =
    clientName() === 'curl' ? startClient('curl', args) : startClient(process.execPath, [nodeClient, url, 'drop']);
  const output = gather(child.stdout);
  await succeeded(child, url);
  return Number(output.text);
}

/** Downloads, and gives the SHA-256 of what arrived, in hexadecimal. */
export async function hashOf(url: string): Promise<string> {
  const child =
    clientName() === 'curl'
      ? startClient('curl', [...curlArgs, url])
      : startClient(process.execPath, [nodeClient, url]);
  const hash = createHash('sha256');
  child.stdout?.on('data', (part: Buffer) => hash.update(part));
  await succeeded(child, url);
  return hash.digest('hex');
}

function startClient(command: string, args: readonly string[]): ChildProcess {
  return start(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function succeeded(child: ChildProcess, url: string): Promise<void> {
  const errors = gather(child.stderr);
  const code = await ended(child);
  if (code !== 0) throw new Error(`the download of ${url} failed (exit code ${code}): ${errors.text.trim()}`);
}
