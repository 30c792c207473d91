import { fileURLToPath } from 'node:url';
import { ended, gather, start } from '../tools/children.js';
import type { ClientResult, ClientScript } from './client-script.js';

const client = fileURLToPath(new URL('./client.js', import.meta.url));

/**
 * Runs the client of a scenario to its end.
 * @throws Error with what the client said when it fails
 */
export async function runClient(script: ClientScript): Promise<ClientResult> {
  const child = start(process.execPath, [client, JSON.stringify(script)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = gather(child.stdout);
  const errors = gather(child.stderr);
  const code = await ended(child);
  if (code !== 0) throw new Error(`the client failed (exit code ${code}): ${errors.text.trim()}`);
  return JSON.parse(output.text) as ClientResult;
}
