/** Small responses compressed as they are sent. Large files are better compressed beforehand, and sent by gzip_static. */
import { gzipSync } from 'node:zlib';
import type { ParseContext } from '../conf/directive.js';
import { parseInteger, parseSize } from '../conf/values.js';
import { accepted, areBuffers } from './accepted.js';
import { gzipRules, mayCompress, sayVary } from './gzip-rules.js';
import { isAmong, type MediaTypes, mediaTypes } from './media-types.js';
import { type Handler, type Module, Outcome, type Response } from './module.js';
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
  return Outcome.Next;
};

function parseLevel(args: readonly string[], cx: ParseContext): number {
  const level = parseInteger(args[0]!) ?? cx.fail('invalid number');
  return level >= 1 && level <= 9 ? level : cx.fail('value must be between 1 and 9');
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
    accepted('gzip_buffers', EVERYWHERE, areBuffers, 'a response is compressed in one piece.', { args: [2, 2] }),
    ...gzipRules,
  ],
  phases: settings => (settings.gzip ? PHASES : NONE),
};
