import { asciiLower } from './ascii.js';

const DOT = 0x2e;
const COLON = 0x3a;
const SLASH = 0x2f;

/**
 * Checks a host as Host or an absolute target gives it, and takes port and trailing dot off. As nginx, it refuses what would
 * be dangerous in a path or a log (control characters, space, "/", two dots in a row) and not every byte that a name server
 * would refuse. A literal address keeps its brackets.
 * @param text host with or without ":port"
 * @returns the host in lower case, or '' where it is not valid or empty
 */
export function normalizeHost(text: string): string {
  let hostEnd = -1;
  let literal = false;
  let previous = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f || code === SLASH) return '';
    if (code === DOT && previous === DOT) return '';
    if (hostEnd < 0) {
      if (code === 0x5b && i === 0) literal = true;
      else if (literal && code === 0x5d) hostEnd = i + 1;
      else if (!literal && code === COLON) hostEnd = i;
    }
    previous = code;
  }
  if (hostEnd < 0) hostEnd = text.length;
  if (hostEnd > 0 && text.charCodeAt(hostEnd - 1) === DOT) hostEnd--;
  return asciiLower(hostEnd === text.length ? text : text.substring(0, hostEnd));
}

/** The port of an authority or a Host header, as digits; '' where there is none, or it cannot be one. */
export function portOf(authority: string): string {
  const port = /^(?:\[[^\]]*\]|[^:]*):(\d{1,5})$/.exec(authority)?.[1] ?? '';
  return port !== '' && Number(port) >= 1 && Number(port) <= 65_535 ? String(Number(port)) : '';
}
