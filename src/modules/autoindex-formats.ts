/** The pages of `autoindex`, in nginx's layouts. Each makes the text before, of, and behind the entries. */
import { httpDate, MONTHS } from '../http/dates.js';
import { escapeHtml, escapeUriComponent } from '../http/escape.js';
import { escapeJson } from './log-format.js';
import type { FolderEntry } from './module.js';

/** What a page depends on. */
export interface PageOptions {
  readonly uri: string;
  readonly exactSize: boolean;
  /** Minutes that are added to UTC. */
  readonly offset: number;
  /** Names are cut between characters, not between bytes. */
  readonly isUtf8: boolean;
  /** For jsonp; '' is json. */
  readonly callback: string;
}

export interface Format {
  readonly contentType: string;
  before(options: PageOptions): string;
  /** @param first whether it is the first one */
  entry(entry: FolderEntry, options: PageOptions, first: boolean): string;
  after(options: PageOptions): string;
}

/** Characters of a name that are shown. */
const NAME_LENGTH = 50;
const KEPT = NAME_LENGTH - 3;
const MINUTE = 60;

const UTF8 =
  /^(?:[\0-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*$/;

/** The characters of a name: bytes, or where it is UTF-8 that may be told, groups of them. */
function charactersOf(name: string, isUtf8: boolean): readonly string[] | string {
  const isPlain = !isUtf8 || !/[\x80-\xff]/.test(name) || !UTF8.test(name);
  return isPlain ? name : name.match(/[^\x80-\xbf][\x80-\xbf]*/g)!;
}

/** A name with what stands behind it up to the column of the date. */
function shownName(name: string, isFolder: boolean, isUtf8: boolean): string {
  const characters = charactersOf(name, isUtf8);
  const { length } = characters;
  if (length > NAME_LENGTH) {
    const kept = typeof characters === 'string' ? characters.slice(0, KEPT) : characters.slice(0, KEPT).join('');
    return `${escaped(kept)}..&gt;</a>`;
  }
  const slash = isFolder && length < NAME_LENGTH ? '/' : '';
  return `${escaped(name)}${slash}</a>${' '.repeat(NAME_LENGTH - length - slash.length)}`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

/** `20-Nov-2026 10:46` */
function shownDate(seconds: number, offset: number): string {
  const date = new Date((seconds + offset * MINUTE) * 1000);
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  return `${two(date.getUTCDate())}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()} ${time}`;
}

/** As nginx: between tags, and in double quotes, an apostrophe does no harm. */
function escaped(text: string): string {
  return escapeHtml(text).replaceAll('&#39;', "'");
}

const KILO = 1024;
const MEGA = KILO * KILO;
const GIGA = KILO * MEGA;
/** From here on a size is shown in KB. */
const LARGE = 9999;

/** A size in seven characters. */
function roundedSize(size: number): string {
  const [unit, letter] = size >= GIGA ? [GIGA, 'G'] : size >= MEGA ? [MEGA, 'M'] : size > LARGE ? [KILO, 'K'] : [1, ''];
  if (letter === '') return ` ${`${size}`.padStart(6)}`;
  return `${`${Math.floor(size / unit) + (size % unit >= unit / 2 ? 1 : 0)}`.padStart(6)}${letter}`;
}

function shownSize({ kind, size }: FolderEntry, exact: boolean): string {
  const text = kind === 'folder' ? '-' : exact ? `${size}` : roundedSize(size);
  return text.padStart(exact ? 19 : 7);
}

const html: Format = {
  contentType: 'text/html',
  before({ uri }) {
    const title = `Index of ${escaped(uri)}`;
    return (
      `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<h1>${title}</h1>` +
      '<hr><pre><a href="../">../</a>\r\n'
    );
  },
  entry(entry, { exactSize, offset, isUtf8 }) {
    const isFolder = entry.kind === 'folder';
    const link = `${escapeUriComponent(entry.name)}${isFolder ? '/' : ''}`;
    const name = shownName(entry.name, isFolder, isUtf8);
    return `<a href="${link}">${name} ${shownDate(entry.mtime, offset)} ${shownSize(entry, exactSize)}\r\n`;
  },
  after: () => '</pre><hr></body>\r\n</html>\r\n',
};

/** The word for a kind. */
function wordOf({ kind }: FolderEntry): string {
  return kind === 'folder' ? 'directory' : kind;
}

const json: Format = {
  contentType: 'application/json',
  before: ({ callback }) => (callback === '' ? '[' : `/* callback */\r\n${callback}([`),
  entry(entry, _options, first) {
    const size = entry.kind === 'file' ? `, "size":${entry.size}` : '';
    const name = escapeJson(entry.name);
    const facts = `"name":"${name}", "type":"${wordOf(entry)}", "mtime":"${httpDate(entry.mtime)}"`;
    return `${first ? '' : ','}\r\n{ ${facts}${size} }`;
  },
  after: ({ callback }) => (callback === '' ? '\r\n]' : '\r\n]);'),
};

const xml: Format = {
  contentType: 'text/xml; charset=utf-8',
  before: () => '<?xml version="1.0"?>\r\n<list>\r\n',
  entry(entry) {
    const size = entry.kind === 'file' ? ` size="${entry.size}"` : '';
    const date = `${new Date(entry.mtime * 1000).toISOString().slice(0, -5)}Z`;
    const word = wordOf(entry);
    return `<${word} mtime="${date}"${size}>${escaped(entry.name)}</${word}>\r\n`;
  },
  after: () => '</list>\r\n',
};

export const formats = { html, json, jsonp: { ...json, contentType: 'application/javascript' }, xml } as const;
