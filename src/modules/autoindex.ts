/** `autoindex`: a page of what is in a folder. */
import { asciiLower } from '../http/ascii.js';
import { type Format, formats, type PageOptions } from './autoindex-formats.js';
import { folderPath, listFolder, tooLarge } from './listing.js';
import {
  type FolderEntry,
  type Handler,
  type MemorySegment,
  type Module,
  nextTurn,
  Outcome,
  type Request,
  type Turns,
} from './module.js';
import { pairValue } from './pairs.js';
import { choice, EVERYWHERE, flag } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    autoindex: boolean;
    autoindexFormat: keyof typeof formats;
    autoindexExactSize: boolean;
    autoindexLocaltime: boolean;
  }
}

const SLASH = 47;
/** Entries that are turned into text in one turn. */
const ENTRIES_PER_TURN = 128;
/** Of a piece of the body, in bytes. */
const PIECE = 64 * 1024;
const LONGEST_CALLBACK = 128;

/** The function that jsonp calls; '' for none, null for one that may not be called so. */
function callbackOf(request: Request): string | null {
  const name = pairValue(request.args, '&', 'callback') ?? '';
  const isLong = name.length > LONGEST_CALLBACK;
  if (!isLong && /^[A-Za-z0-9_.]*$/.test(name)) return name;
  request.log('info', `client sent ${isLong ? 'too long' : 'invalid'} callback name: "${name}"`);
  return null;
}

function optionsOf(request: Request, callback: string): PageOptions {
  const { settings, uri } = request;
  const offset = settings.autoindexLocaltime ? -new Date(request.now).getTimezoneOffset() : 0;
  const charset = settings.charset?.evaluate(request) ?? '';
  const isUtf8 = asciiLower(charset) === 'utf-8';
  return { uri, exactSize: settings.autoindexExactSize, offset, isUtf8, callback };
}

/** The text of a page, in pieces; null where there is no memory for it. */
function* render(
  request: Request,
  entries: readonly FolderEntry[],
  format: Format,
  options: PageOptions,
): Turns<MemorySegment[] | null> {
  const pieces: MemorySegment[] = [];
  let text = format.before(options);
  for (const [i, entry] of entries.entries()) {
    if (i % ENTRIES_PER_TURN === ENTRIES_PER_TURN - 1) yield nextTurn;
    text += format.entry(entry, options, i === 0);
    if (text.length < PIECE) continue;
    if (!request.claim(text.length)) return null;
    pieces.push({ bytes: Buffer.from(text, 'latin1') });
    text = '';
  }
  pieces.push({ bytes: Buffer.from(text + format.after(options), 'latin1') });
  return pieces;
}

function* makePage(request: Request, format: Format, callback: string): Turns<Outcome> {
  const path = folderPath(request);
  const entries = yield* listFolder(request, path);
  if (typeof entries === 'number') return entries;
  const pieces = yield* render(request, entries, format, optionsOf(request, callback));
  if (pieces === null) return tooLarge(request, path);
  const { response } = request;
  response.status = 200;
  response.contentType = format.contentType;
  response.contentLength = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
  response.streamed = true;
  response.body = pieces;
  return Outcome.Respond;
}

const showFolder: Handler = request => {
  const { method } = request.head;
  const { uri, settings } = request;
  if (uri.charCodeAt(uri.length - 1) !== SLASH || (method !== 'GET' && method !== 'HEAD')) return Outcome.Next;
  const isJsonp = settings.autoindexFormat === 'jsonp';
  const callback = isJsonp ? callbackOf(request) : '';
  if (callback === null) return 400;
  const format = isJsonp && callback === '' ? formats.json : formats[settings.autoindexFormat];
  return request.inTurns(makePage(request, format, callback));
};

const PHASES = { content: showFolder };
const NONE = {};

export const autoindex: Module = {
  name: 'autoindex',
  directives: [
    flag('autoindex', 'autoindex', EVERYWHERE, 'off', 'Whether a folder without an index file is shown as a list.'),
    choice(
      'autoindex_format',
      'autoindexFormat',
      EVERYWHERE,
      ['html', 'json', 'jsonp', 'xml'],
      'html',
      'What the list is: html, json, jsonp (which calls the function of the parameter "callback"), xml.',
    ),
    flag(
      'autoindex_exact_size',
      'autoindexExactSize',
      EVERYWHERE,
      'on',
      'Whether html has sizes in bytes, or rounded to KB, MB and GB.',
    ),
    flag(
      'autoindex_localtime',
      'autoindexLocaltime',
      EVERYWHERE,
      'off',
      'Whether html has times in the time zone of the server, or in UTC.',
    ),
  ],
  phases: settings => (settings.autoindex ? PHASES : NONE),
};
