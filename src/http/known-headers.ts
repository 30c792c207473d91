/** The headers that the server itself reads, by number. */
export const Known = {
  None: 0,
  Host: 1,
  Range: 2,
  Cookie: 3,
  Expect: 4,
  Referer: 5,
  IfMatch: 6,
  IfRange: 7,
  Connection: 8,
  UserAgent: 9,
  ContentType: 10,
  Authorization: 11,
  IfNoneMatch: 12,
  ContentRange: 13,
  ContentLength: 14,
  XForwardedFor: 15,
  IfModifiedSince: 16,
  TransferEncoding: 17,
  IfUnmodifiedSince: 18,
} as const;

export const KNOWN_COUNT = 19;

const NAMES = [
  '',
  'host',
  'range',
  'cookie',
  'expect',
  'referer',
  'if-match',
  'if-range',
  'connection',
  'user-agent',
  'content-type',
  'authorization',
  'if-none-match',
  'content-range',
  'content-length',
  'x-forwarded-for',
  'if-modified-since',
  'transfer-encoding',
  'if-unmodified-since',
];

/** Length and last letter tell all known names apart: (length << 5 | letter) leads to the only one it can be. */
const CANDIDATES = new Uint8Array(20 << 5);
for (let id = 1; id < KNOWN_COUNT; id++) {
  const name = NAMES[id];
  CANDIDATES[(name.length << 5) | (name.charCodeAt(name.length - 1) & 31)] = id;
}

/** Headers that a request may have only once; nginx answers 400 to a second one. */
const UNIQUE = new Uint8Array(KNOWN_COUNT);
for (const id of [
  Known.Host,
  Known.Expect,
  Known.IfMatch,
  Known.IfRange,
  Known.Authorization,
  Known.IfNoneMatch,
  Known.ContentRange,
  Known.ContentLength,
  Known.IfModifiedSince,
  Known.TransferEncoding,
  Known.IfUnmodifiedSince,
]) {
  UNIQUE[id] = 1;
}

/**
 * Which known header the bytes from `start` to `end` (exclusive) name, whatever their case.
 * @returns one of `Known`, `Known.None` for any other
 */
export function recognize(bytes: Buffer, start: number, end: number): number {
  const length = end - start;
  if (length > 19) return Known.None;
  const id = CANDIDATES[(length << 5) | (bytes[end - 1] & 31)];
  if (id === Known.None) return id;
  const name = NAMES[id];
  for (let i = 0; i < length; i++) {
    if ((bytes[start + i] | 0x20) !== name.charCodeAt(i)) return Known.None;
  }
  return id;
}

/** Whether a request with two of these headers is refused. */
export function isUnique(id: number): boolean {
  return UNIQUE[id] === 1;
}
