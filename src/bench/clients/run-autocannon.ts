import { fileURLToPath } from 'node:url';
import { runPinned } from '../pinning.js';
import type { CannonResult, CannonSettings } from './cannon.js';

const program = fileURLToPath(new URL('./autocannon-client.js', import.meta.url));
/** What it may take longer than it was told to (ms). */
const grace = 20_000;

/** Runs autocannon on the core of the clients, in a process of its own. @throws Error where it fails */
export async function runAutocannon(settings: CannonSettings, signal: AbortSignal): Promise<CannonResult> {
  const args = [program, JSON.stringify(settings)];
  return JSON.parse(await runPinned(process.execPath, args, settings.seconds * 1000 + grace, signal)) as CannonResult;
}
