import { TransferError } from '../failure.js';
import type { HttpTarget } from '../http/url.js';
import type { PartState } from '../part/state.js';
import { type Range, RangeSet } from '../ranges.js';
import type { Answer } from './answer.js';
import type { Client } from './client.js';
import { ask } from './follow.js';
import { pieceSizes } from './pieces.js';
import { type Wish, wholeFile } from './request.js';
import type { FetchSettings } from './settings.js';
import { contentRange, type Version, versionOf } from './version.js';

/** The first answer of a server that has the file: it tells what there is to be fetched, and brings the first bytes. */
export interface Opening {
  readonly client: Client;
  readonly answer: Answer;
  readonly version: Version;
  /** What of the file it brings; `end` is Infinity where nobody knows. */
  readonly range: Range;
  /** Whether the server was seen to give parts of the file that can be put together. */
  readonly hasParts: boolean;
  /** Why it brings all of the file although a part was asked for, as a sentence; '' where it brings what was asked for. */
  readonly whyAll: string;
}

const noParts = 'the server gives no parts of the file';
const noVersion = 'the server does not tell one version of the file from another';

/**
 * What to ask for first. One stream asks for all there is, and that is its only request. Several ask for the first piece: what
 * comes back says whether the server gives pieces, how large the file is and which version. What goes on asks for the first
 * bytes that are missing, if they are of the same version, else for all.
 * @param state what is known of the part that is there, if it is to be gone on with
 */
export function firstWish(state: PartState | null, streams: number): Wish {
  const most = streams > 1 ? pieceSizes.first : Number.POSITIVE_INFINITY;
  if (!canGoOn(state)) return { range: streams > 1 ? { start: 0, end: most } : null, validator: '' };
  const { identity, ranges } = state;
  const [missing] = new RangeSet(ranges).missing(identity.size ?? Number.MAX_SAFE_INTEGER);
  // where nothing is missing, the last byte tells whether the version is still the same
  const { start, end } = missing ?? { start: Math.max(0, (identity.size ?? 1) - 1), end: identity.size ?? 1 };
  const isOpen = identity.size === null;
  return {
    range: { start, end: isOpen ? start + most : Math.min(end, start + most) },
    validator: identity.version,
  };
}

/** Whether there is something to go on with, and the version is known that it is of. */
export function canGoOn(state: PartState | null): state is PartState {
  return state !== null && state.identity.version !== '' && state.ranges.length > 0;
}

/**
 * Asks until there is an answer that can be used: where a server does not do as it should with parts, all is asked for.
 * @throws BrokenConnection, TransferError
 */
export async function open(client: Client, origin: HttpTarget, wish: Wish, settings: FetchSettings): Promise<Opening> {
  const answer = await ask(client, origin, origin, wish, settings);
  const opening = openingOf(client, answer, wish);
  if (typeof opening !== 'string') return opening;
  answer.drop();
  if (wish.range !== null) return { ...(await open(client, origin, wholeFile, settings)), whyAll: opening };
  const range = answer.head.get('content-range') ?? 'none';
  const what = `${answer.head.statusText} (Content-Range: ${range})`;
  throw new TransferError(`${answer.target.url}: all of the file was asked for, and ${what} came`, 'peer');
}

/**
 * What an answer is good for as the first one.
 * @returns why it is good for nothing, where it is
 */
export function openingOf(client: Client, answer: Answer, { range: asked, validator }: Wish): Opening | string {
  const { head, length } = answer;
  const bytes = length.kind === 'length' ? length.length : null;
  if (head.status === 200) {
    const range = { start: 0, end: bytes ?? Number.POSITIVE_INFINITY };
    const whyAll = asked === null ? '' : noParts;
    return { client, answer, version: versionOf(head, bytes), range, hasParts: false, whyAll };
  }
  const range = contentRange(head);
  if (asked === null || range === null || range.start !== asked.start || range.end > asked.end) return noParts;
  const isExact = bytes === null || bytes === range.end - range.start;
  if (head.status !== 206 || range.size === null || !isExact) return noParts;
  const version = knownVersion(versionOf(head, range.size), validator);
  return version.validator === '' ? noVersion : { client, answer, version, range, hasParts: true, whyAll: '' };
}

/** A server need not say again what it was asked for (RFC 9110 section 15.3.7). @param validator that If-Range had */
function knownVersion(version: Version, validator: string): Version {
  if (version.etag !== '' || version.lastModified !== '' || validator === '') return version;
  return { ...version, validator, lastModified: validator.startsWith('"') ? '' : validator };
}
