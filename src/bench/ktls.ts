import { readFileSync } from 'node:fs';

/** Whether the kernel encrypts: what its own counters say. Our clients never have it do so. */

/** In /proc/net/tls_stat: connections whose bytes the kernel encrypts to send them, itself or by the network card. */
const counters = /^TlsTx(?:Sw|Device)\s+(\d+)$/gm;

/** So many connections it has encrypted for since it was started; 0 where it cannot. */
export function connectionsOfKernel(): number {
  try {
    const text = readFileSync('/proc/net/tls_stat', 'latin1');
    return [...text.matchAll(counters)].reduce((sum, [, count]) => sum + Number(count), 0);
  } catch {
    return 0;
  }
}
