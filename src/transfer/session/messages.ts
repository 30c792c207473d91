import type { PlaneDetails } from '../data-plane.js';
import {
  type Failed,
  type Go,
  type Have,
  type Hello,
  longestName,
  type Message,
  mostFiles,
  mostMissing,
  mostParts,
  mostStreams,
  type Offer,
  type Part,
  type ReceiverMessage,
  type SenderMessage,
  type Sent,
  type Stored,
  type Sum,
  type Welcome,
  type Whole,
  type Wrong,
} from '../protocol.js';
import type { Range } from '../ranges.js';
import { Fields } from './fields.js';
import { readReport } from './report-fields.js';

/** Messages as lines of JSON, and back: every field of what comes in is checked. */

const longestMessage = 2000;
const longestVersion = 200;
const tokenDigits = 32;
/** SHA-256's. */
const longestChecksum = 64;
const mostDetails = 32;
const longestDetail = 256;

/** A message as one line of bytes, without its end. Stretches are lists: [start, end] or [start, end, checksum]. */
export function encode(message: Message): string {
  // what is no byte (in a message of Node's) is escaped
  return JSON.stringify(onWire(message)).replace(
    /[\u0100-\uffff]/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function onWire(message: Message): unknown {
  switch (message.is) {
    case 'have':
      return { ...message, parts: message.parts.map(({ start, end, checksum }) => [start, end, checksum]) };
    case 'wrong':
      return { ...message, ranges: pairs(message.ranges) };
    case 'go':
      return { ...message, missing: pairs(message.missing) };
    case 'error':
      return { ...message, message: message.message.slice(0, longestMessage) };
    default:
      return message;
  }
}

function pairs(ranges: readonly Range[]): [number, number][] {
  return ranges.map(({ start, end }) => [start, end]);
}

/** @throws TransferError (kind peer) where the line is no message of a sender */
export function readSenderMessage(line: string): SenderMessage {
  const fields = parse(line);
  switch (fields.text('is', 20)) {
    case 'hello':
      return readHello(fields);
    case 'offer':
      return readOffer(fields);
    case 'wrong':
      return readWrong(fields);
    case 'sent':
      return readSent(fields);
    case 'sum':
      return readSum(fields);
    default:
      return readEither(fields);
  }
}

/** @throws TransferError (kind peer) where the line is no message of a receiver */
export function readReceiverMessage(line: string): ReceiverMessage {
  const fields = parse(line);
  switch (fields.text('is', 20)) {
    case 'welcome':
      return readWelcome(fields);
    case 'have':
      return readHave(fields);
    case 'go':
      return readGo(fields);
    case 'whole':
      return readWhole(fields);
    case 'stored':
      return readStored(fields);
    default:
      return readEither(fields);
  }
}

function parse(line: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  return new Fields(value, 'a message');
}

function readEither(fields: Fields): Extract<SenderMessage, ReceiverMessage> {
  switch (fields.text('is', 20)) {
    case 'report':
      return { is: 'report', report: readReport(fields.object('report')) };
    case 'error':
      return readFailed(fields);
    case 'ping':
      return { is: 'ping' };
    default:
      throw fields.wrong('is of an unknown kind');
  }
}

function readFailed(fields: Fields): Failed {
  return {
    is: 'error',
    kind: fields.word('kind', ['peer', 'network', 'store', 'source', 'refused']),
    message: fields.text('message', longestMessage),
  };
}

function readHello(fields: Fields): Hello {
  return {
    is: 'hello',
    transport: fields.word('transport', ['tcp', 'udp']),
    streams: fields.count('streams', 1, mostStreams),
    files: fields.count('files', 1, mostFiles),
    bytes: fields.count('bytes'),
    checksum: fields.word('checksum', ['xxh64', 'sha-256', 'none', 'default']),
    resume: fields.flag('resume'),
    isCopy: fields.flag('isCopy'),
    plane: readDetails(fields),
  };
}

function readWelcome(fields: Fields): Welcome {
  const token = fields.text('token', tokenDigits);
  if (!isToken(token)) throw fields.wrong('has no proper "token"');
  return {
    is: 'welcome',
    token,
    stores: fields.flag('stores'),
    checksum: fields.word('checksum', ['xxh64', 'sha-256', 'none']),
    plane: readDetails(fields),
  };
}

/** Whether a text is what a session is known by: 32 hexadecimal digits. */
export function isToken(text: string): boolean {
  return text.length === tokenDigits && /^[0-9a-f]+$/.test(text);
}

function readOffer(fields: Fields): Offer {
  return {
    is: 'offer',
    file: fields.count('file', 0, mostFiles),
    name: fields.text('name', longestName),
    size: fields.count('size'),
    version: fields.text('version', longestVersion),
  };
}

function readHave(fields: Fields): Have {
  const algorithm = fields.word('algorithm', ['xxh64', 'sha-256']);
  const digits = algorithm === 'xxh64' ? 16 : 64;
  const parts: Part[] = [];
  for (const entry of fields.list('parts', mostParts)) {
    const { start, end } = readRange(fields, entry, 3, parts.at(-1)?.end ?? 0);
    const [, , checksum] = entry as readonly unknown[];
    if (typeof checksum !== 'string' || checksum.length !== digits) throw fields.wrong('has a checksum that is none');
    parts.push({ start, end, checksum });
  }
  return { is: 'have', file: fields.count('file', 0, mostFiles), algorithm, parts };
}

function readWrong(fields: Fields): Wrong {
  return { is: 'wrong', file: fields.count('file', 0, mostFiles), ranges: readRanges(fields, 'ranges', mostParts) };
}

function readGo(fields: Fields): Go {
  return { is: 'go', file: fields.count('file', 0, mostFiles), missing: readRanges(fields, 'missing', mostMissing) };
}

function readSent(fields: Fields): Sent {
  return { is: 'sent', file: fields.count('file', 0, mostFiles), plane: readDetails(fields) };
}

function readSum(fields: Fields): Sum {
  return { is: 'sum', file: fields.count('file', 0, mostFiles), checksum: fields.text('checksum', longestChecksum) };
}

function readWhole(fields: Fields): Whole {
  return { is: 'whole', file: fields.count('file', 0, mostFiles) };
}

function readStored(fields: Fields): Stored {
  return { is: 'stored', file: fields.count('file', 0, mostFiles) };
}

/** Ranges that ascend and do not touch what comes before them. */
function readRanges(fields: Fields, name: string, most: number): Range[] {
  const ranges: Range[] = [];
  for (const entry of fields.list(name, most)) ranges.push(readRange(fields, entry, 2, ranges.at(-1)?.end ?? 0));
  return ranges;
}

function readRange(fields: Fields, entry: unknown, length: number, least: number): Range {
  if (Array.isArray(entry) && entry.length === length) {
    const [start, end] = entry as readonly unknown[];
    if (Number.isSafeInteger(start) && Number.isSafeInteger(end)) {
      const range = { start: start as number, end: end as number };
      if (range.start >= least && range.end > range.start) return range;
    }
  }
  throw fields.wrong('has a stretch that is none');
}

function readDetails(fields: Fields): PlaneDetails {
  const given = fields.object('plane');
  const { names } = given;
  if (names.length > mostDetails) throw fields.wrong('has too many details');
  const details = new Map<string, number | string>();
  for (const name of names) {
    const isText = typeof given.value(name) === 'string';
    details.set(name, isText ? given.text(name, longestDetail) : given.amount(name));
  }
  return Object.fromEntries(details);
}
