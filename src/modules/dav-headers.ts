/** What `dav` reads of a request beside its URI: Destination, Depth, Overwrite (RFC 4918 section 10). */
import type { Request } from './module.js';

export const INFINITE = Number.POSITIVE_INFINITY;

/** How deep a request goes: 0, 1 or infinite; -1 for what is none of them. */
export function depthOf(request: Request, usual: number): number {
  const depth = request.head.first('depth');
  if (depth === undefined) return usual;
  if (depth === '0' || depth === '1') return Number(depth);
  if (depth === 'infinity') return INFINITE;
  request.log('error', `client sent invalid "Depth" header: "${depth}"`);
  return -1;
}

/** Whether what stands at the destination may be replaced; undefined for a bad header. */
export function mayOverwrite(request: Request): boolean | undefined {
  const overwrite = request.head.first('overwrite');
  if (overwrite === undefined) return true;
  const word = overwrite.toUpperCase();
  if (word === 'T' || word === 'F') return word === 'T';
  request.log('error', `client sent invalid "Overwrite" header: "${overwrite}"`);
  return undefined;
}

/** The path of a URL at this server; null for what is none, and undefined where it is no URL of this server, which the error log knows then. */
function pathOf(request: Request, url: string): string | null | undefined {
  if (url.startsWith('/')) return url;
  const scheme = request.tls === null ? 'http://' : 'https://';
  if (!url.startsWith(scheme)) return null;
  const rest = url.slice(scheme.length);
  const { host } = request.head;
  if (host === '') {
    request.log('error', 'client sent no "Host" header');
    return undefined;
  }
  if (!rest.startsWith(host)) {
    request.log('error', `"Destination" URI "${url}" is handled by different repository than the source URI`);
    return undefined;
  }
  const slash = rest.indexOf('/', host.length);
  return slash === -1 ? null : rest.slice(slash);
}

/** Decodes %XX; null where digits are missing. */
function decode(text: string): string | null {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return null;
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Whether a path would lead out of the folder that it is put under. */
function isUnsafe(path: string): boolean {
  return path.includes('\0') || path.split('/').includes('..');
}

/** The URI of the destination, decoded and without its query; null for a bad header, which the error log knows then. */
export function destinationOf(request: Request): string | null {
  const given = request.head.first('destination');
  if (given === undefined) {
    request.log('error', 'client sent no "Destination" header');
    return null;
  }
  const path = pathOf(request, given);
  if (path === undefined) return null;
  const uri = (path === null ? null : decode(path.split('?', 1)[0]!)) ?? '';
  if (isUnsafe(uri)) request.log('error', `unsafe URI "${uri}" was detected`);
  else if (uri.startsWith('/')) return uri;
  request.log('error', `client sent invalid "Destination" header: "${given}"`);
  return null;
}
