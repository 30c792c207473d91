import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the tools wait for. */

const usualPatience = 10_000;
const pause = 5;

/** A port of the loopback that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Asks again and again until a condition holds.
 * @param isHopeful where it says no, there is no more waiting
 * @param patience milliseconds: ten seconds where nothing is said
 * @throws Error with the complaint when there is no more hope, or after that time
 */
export async function until(
  holds: () => boolean | Promise<boolean>,
  isHopeful: () => boolean,
  complaint: () => string,
  patience = usualPatience,
): Promise<void> {
  const deadline = performance.now() + patience;
  while (!(await holds())) {
    if (!isHopeful() || performance.now() > deadline) throw new Error(complaint().trim());
    await sleep(pause);
  }
}
