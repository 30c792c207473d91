/** Who a request comes from, where proxies that one trusts say so (X-Forwarded-For). */
import { addressBytes, addressText, type Cidr, isInAny } from './cidr.js';

/** An address as text, and its port: 0 where none is known. */
export interface Origin {
  readonly address: string;
  readonly port: number;
}

const LAST_PORT = 65535;

/** Reads `1.2.3.4`, `1.2.3.4:80`, `::1` or `[::1]:80`. */
export function parseOrigin(text: string): Origin | undefined {
  const whole = addressBytes(text);
  if (whole !== undefined) return { address: addressText(whole), port: 0 };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(text) ?? [];
  const bytes = addressBytes(bracketed ?? plain ?? '');
  const port = Number(digits);
  if (bytes === undefined || port < 1 || port > LAST_PORT) return undefined;
  return { address: addressText(bytes), port };
}

/**
 * Goes back through a list of addresses, the last one first, as long as they are of proxies that one trusts.
 * @param origin who has sent the list
 * @param list with commas or blanks between the addresses
 * @param isRecursive else the last address of the list is taken, whoever that is
 * @returns who has sent the request; `origin` itself where that is no such proxy, or what it says is no address
 */
export function forwardedOrigin(origin: Origin, list: string, proxies: readonly Cidr[], isRecursive: boolean): Origin {
  let found = origin;
  let end = list.length;
  while (isInAny(found.address, proxies)) {
    while (end > 0 && isSeparator(list.charCodeAt(end - 1))) end--;
    let start = end;
    while (start > 0 && !isSeparator(list.charCodeAt(start - 1))) start--;
    const last = parseOrigin(list.slice(start, end));
    if (last === undefined) break;
    found = last;
    end = start;
    if (!isRecursive || end === 0) break;
  }
  return found;
}

function isSeparator(code: number): boolean {
  return code === 0x20 || code === 0x2c;
}
