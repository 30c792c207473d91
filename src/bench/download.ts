import { fileURLToPath } from 'node:url';
import { run } from '../tools/programs.js';

/** What the downloads of one connection came to. */
export interface DownloadResult {
  /** Of the bodies. */
  readonly bytes: number;
  /** From the first request to the last byte. */
  readonly seconds: number;
}

const clientProgram = fileURLToPath(new URL('./download-client.js', import.meta.url));
/** Even a slow machine moves a few hundred megabytes a second over its loopback. */
const limit = 120_000;

/**
 * Downloads a file several times over one connection, in a process of its own that drops the bytes inside the kernel.
 * @param port on 127.0.0.1
 * @throws Error when an answer is not a 200 with a Content-Length, or the connection ends too early
 */
export async function download(port: number, uri: string, times: number, signal: AbortSignal): Promise<DownloadResult> {
  const output = await run(process.execPath, [clientProgram, String(port), uri, String(times)], limit, signal);
  return JSON.parse(output) as DownloadResult;
}
