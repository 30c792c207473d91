/** Small responses compressed as they are sent. Large files are better compressed beforehand, and sent by gzip_static. */
import { gzipSync } from 'node:zlib';
import type { ParseContext } from '../conf/directive.js';
import { parseInteger, parseSize } from '../conf/values.js';
import type { Subject } from '../conf/variables.js';
import { accepted, areBuffers, isFlag, isSize } from './accepted.js';
import { gzipRules, mayCompress, sayVary } from './gzip-rules.js';
import { isAmong, type MediaTypes, mediaTypes } from './media-types.js';
import { type Handler, type Module, Outcome, type Request, type Response } from './module.js';
import { EVERYWHERE, EVERYWHERE_AND_IF, flag, row } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    gzip: boolean;
    /** 1 to 9. */
    gzipCompLevel: number;
    /** Bytes. */
    gzipMinLength: number;
    gzipTypes: MediaTypes;
  }
}

/** Bytes. Nobody else is served while it is compressed: about 5 ms at the level of the fastest. */
const LONGEST = 256 * 1024;

function isForCompression({ status, contentLength, headers }: Response): boolean {
  if (status !== 200 && status !== 403 && status !== 404) return false;
  return contentLength >= 0 && !headers.includes('Content-Encoding');
}

/** Where a request's values have how much its response has shrunk. */
const ratioKey = {};

/** With two places, of which the last is rounded by the third. */
function ratioOf(before: number, after: number): string {
  const hundredths = Math.floor((Math.floor((before * 1000) / after) + 5) / 10);
  return `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`;
}

const compress: Handler = request => {
  const { response, settings } = request;
  if (!isForCompression(response) || response.contentLength < settings.gzipMinLength) return Outcome.Next;
  if (!isAmong(settings.gzipTypes, response.contentType)) return Outcome.Next;
  sayVary(request);
  if (response.contentLength > LONGEST || !mayCompress(request)) return Outcome.Next;
  const bytes = request.readBody();
  if (bytes === null) return Outcome.Next;
  const packed = gzipSync(bytes, { level: settings.gzipCompLevel });
  response.body = [{ bytes: packed }];
  response.contentLength = packed.length;
  response.acceptRanges = false;
  if (response.etag.startsWith('"')) response.etag = `W/${response.etag}`;
  response.headers.push('Content-Encoding', 'gzip');
  request.values.set(ratioKey, ratioOf(bytes.length, packed.length));
  return Outcome.Next;
};

function parseLevel(args: readonly string[], cx: ParseContext): number {
  const level = parseInteger(args[0]!) ?? cx.fail('invalid number');
  return level >= 1 && level <= 9 ? level : cx.fail('value must be between 1 and 9');
}

function isWindow([word]: readonly string[], name: string): string {
  const window = parseSize(word!);
  if (window === undefined) return `"${name}" directive invalid value`;
  const powers = [512, 1024, 2048, 4096, 8192, 16_384, 32_768];
  return powers.includes(window) ? '' : `"${name}" directive must be 512, 1k, 2k, 4k, 8k, 16k, or 32k`;
}

const PHASES = { filter: compress };
const NONE = {};

export const gzip: Module = {
  name: 'gzip',
  directives: [
    flag(
      'gzip',
      'gzip',
      EVERYWHERE_AND_IF,
      'off',
      `Whether small responses are compressed: unlike in nginx, up to ${LONGEST / 1024} KB, and with a Content-Length.`,
    ),
    row<'gzipCompLevel'>({
      name: 'gzip_comp_level',
      key: 'gzipCompLevel',
      contexts: EVERYWHERE,
      args: [1, 1],
      initial: 1,
      default: '1',
      doc: 'From 1, the fastest, to 9, the smallest.',
      parse: parseLevel,
    }),
    row<'gzipMinLength'>({
      name: 'gzip_min_length',
      key: 'gzipMinLength',
      contexts: EVERYWHERE,
      args: [1, 1],
      initial: 20,
      default: '20',
      doc: 'Shorter responses are sent as they are.',
      parse: (args, cx) => parseSize(args[0]!) ?? cx.fail('"gzip_min_length" directive invalid value'),
    }),
    mediaTypes('gzip_types', 'gzipTypes', EVERYWHERE, ['text/html'], 'The types that are compressed.'),
    accepted('gzip_hash', EVERYWHERE, isSize, 'its memory has the size that it needs.'),
    accepted('gzip_window', EVERYWHERE, isWindow, 'its memory has the size that it needs.'),
    accepted('gzip_no_buffer', EVERYWHERE, isFlag, 'a response is compressed in one piece.'),
    accepted('postpone_gzipping', EVERYWHERE, isSize, 'a response is compressed in one piece.'),
    accepted('gzip_buffers', EVERYWHERE, areBuffers, 'a response is compressed in one piece.', { args: [2, 2] }),
    ...gzipRules,
  ],
  variables: [
    {
      name: 'gzip_ratio',
      doc: 'How many times smaller the response is for being compressed: two places.',
      get: (subject: Subject) => (subject as Request).values.get(ratioKey),
    },
  ],
  phases: settings => (settings.gzip ? PHASES : NONE),
};
