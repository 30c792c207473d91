/** `geo`: a variable by the address of the client, or by one that a variable holds. */
import type { ParseContext } from '../conf/directive.js';
import type { Complex } from '../conf/variables.js';
import { addressBytes, addressText, type Cidr, NO_ADDRESS, parseCidr, peerBytes } from './cidr.js';
import { type BlockLine, defineComputed, definition, linesOf, variableName } from './computed.js';
import { forwardedOrigin } from './forwarded.js';
import { NetworkTable, RangeTable } from './geo-networks.js';
import type { Module, Request } from './module.js';

const EVERYWHERE = [
  { bytes: '\0'.repeat(4), bits: 0 },
  { bytes: '\0'.repeat(16), bits: 0 },
];

/** What the lines of a block are put in: networks, or with `ranges`, ranges. */
interface GeoTable {
  add(net: string, value: string, cx: ParseContext): void;
  delete(net: string, cx: ParseContext): void;
  setDefault(value: string, cx: ParseContext): void;
  /** @param bytes of `peerBytes`, never '' */
  find(bytes: string): string;
}

function readNetwork(text: string, cx: ParseContext): Cidr {
  // the network of whatever has no address: the peer of a unix socket, a variable without one
  if (text === '255.255.255.255') return { bytes: NO_ADDRESS, bits: 32 };
  const found = parseCidr(text) ?? cx.fail(`invalid network "${text}"`);
  if (!found.exact) cx.warn(`low address bits of ${text} are meaningless`);
  return found.cidr;
}

class Networks implements GeoTable {
  private readonly table = new NetworkTable();

  add(net: string, value: string, cx: ParseContext): void {
    this.set(readNetwork(net, cx), net, value, cx);
  }

  delete(net: string, cx: ParseContext): void {
    if (!this.table.delete(readNetwork(net, cx))) cx.warn(`no network "${net}" to delete`);
  }

  setDefault(value: string, cx: ParseContext): void {
    for (const network of EVERYWHERE) this.set(network, 'default', value, cx);
  }

  find(bytes: string): string {
    return this.table.find(bytes) ?? '';
  }

  private set(network: Cidr, net: string, value: string, cx: ParseContext): void {
    const before = this.table.set(network, value);
    if (before !== undefined) cx.warn(`duplicate network "${net}", value: "${value}", old value: "${before}"`);
  }
}

function numberOf(bytes: string): number {
  return Buffer.from(bytes, 'latin1').readUInt32BE();
}

function readRange(text: string, cx: ParseContext): [start: number, end: number] {
  const dash = text.indexOf('-');
  const start = dash === -1 ? undefined : addressBytes(text.slice(0, dash));
  const end = addressBytes(text.slice(dash + 1));
  if (start?.length !== 4 || end?.length !== 4 || start > end) return cx.fail(`invalid range "${text}"`);
  return [numberOf(start), numberOf(end)];
}

function textOf(address: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(address);
  return addressText(bytes.toString('latin1'));
}

class Ranges implements GeoTable {
  private readonly table = new RangeTable();
  private fallback: string | undefined;

  add(net: string, value: string, cx: ParseContext): void {
    const [start, end] = readRange(net, cx);
    const other = this.table.add(start, end, value, before => {
      cx.warn(`duplicate range "${net}", value: "${value}", old value: "${before}"`);
    });
    if (other !== null) cx.fail(`range "${net}" overlaps "${textOf(other.start)}-${textOf(other.end)}"`);
  }

  delete(net: string, cx: ParseContext): void {
    if (!this.table.delete(...readRange(net, cx))) cx.warn(`no address range "${net}" to delete`);
  }

  setDefault(value: string, cx: ParseContext): void {
    if (this.fallback !== undefined) {
      cx.warn(`duplicate default geo range value: "${value}", old value: "${this.fallback}"`);
    }
    this.fallback = value;
  }

  find(bytes: string): string {
    // nginx knows no ranges of IPv6
    return this.table.find(numberOf(bytes.length === 4 ? bytes : NO_ADDRESS)) ?? this.fallback ?? '';
  }
}

/** One `geo` block. */
class Geo {
  private table: GeoTable | null = null;
  private readonly proxies: Cidr[] = [];
  private isRecursive = false;
  isVolatile = false;

  constructor(private readonly source: Complex | null) {}

  read({ words, cx }: BlockLine): void {
    const [first, second] = words as [string, string];
    if (words.length === 1 && first === 'ranges') this.useRanges(cx);
    else if (words.length === 1 && first === 'proxy_recursive') this.isRecursive = true;
    else if (words.length === 1 && first === 'volatile') this.isVolatile = true;
    else if (words.length !== 2) cx.fail('invalid number of the geo parameters');
    else if (first === 'proxy') this.proxies.push(readNetwork(second, cx));
    else this.readEntry(first, second, cx);
  }

  find(request: Request): string {
    const { table } = this;
    if (table === null) return '';
    return table.find(this.addressOf(request) || NO_ADDRESS);
  }

  private useRanges(cx: ParseContext): void {
    if (this.table instanceof Networks) {
      cx.fail('the "ranges" directive must be the first directive inside "geo" block');
    }
    this.table ??= new Ranges();
  }

  private readEntry(first: string, second: string, cx: ParseContext): void {
    this.table ??= new Networks();
    if (first === 'default') this.table.setDefault(second, cx);
    else if (first === 'delete') this.table.delete(second, cx);
    else this.table.add(first, second, cx);
  }

  /** As `peerBytes`; '' where there is none. */
  private addressOf(request: Request): string {
    const { source, proxies } = this;
    const start = source === null ? request.client.remoteAddress : source.evaluate(request);
    if (source !== null && addressBytes(start) === undefined) return '';
    const list = request.head.xForwardedFor;
    if (list === undefined || proxies.length === 0) return peerBytes(start);
    return peerBytes(forwardedOrigin({ address: start, port: 0 }, list, proxies, this.isRecursive).address);
  }
}

function defineGeo(args: readonly string[], cx: ParseContext): void {
  const names = args.map(text => variableName(text, cx));
  const geo = new Geo(args.length === 1 ? null : cx.complex(args[0]!));
  for (const line of linesOf(cx)) geo.read(line);
  defineComputed(names.at(-1)!, cx, request => geo.find(request), geo.isVolatile);
}

export const geo: Module = {
  name: 'geo',
  directives: [
    definition(
      'geo',
      [1, 2],
      'A variable by the address of the client, or by $ADDRESS before it: networks or ranges, default, delete, proxy, proxy_recursive, volatile. Nothing is kept in binary files.',
      defineGeo,
    ),
  ],
};
