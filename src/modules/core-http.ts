/** The directives of nginx's http core that have no file of their own, and the last word of the content phase. */
import { hostname } from 'node:os';
import type { AnyDirective, ParseContext } from '../conf/directive.js';
import { parseServerName, type ServerName, ServerNameError } from '../conf/server-names.js';
import { parseInteger, parseOffset, parseTime } from '../conf/values.js';
import { type Handler, type Module, Outcome } from './module.js';
import {
  type Buffers,
  choice,
  count,
  EVERYWHERE,
  EVERYWHERE_AND_IF,
  flag,
  parseBuffers,
  row,
  SERVER_LEVEL,
  size,
  time,
} from './rows.js';

/** What `open_file_cache` says. */
export interface OpenFileCache {
  /** The most entries. */
  readonly max: number;
  /** Milliseconds after which an entry that nobody used goes. */
  readonly inactive: number;
}

declare module '../conf/settings.js' {
  interface Settings {
    /** The first is the server's own name ($server_name). */
    serverName: readonly ServerName[];
    sendfile: boolean;
    /** Bytes one sendfile call may move; 0 is no limit. */
    sendfileMaxChunk: number;
    outputBuffers: Buffers;
    postponeOutput: number;
    tcpNopush: boolean;
    tcpNodelay: boolean;
    /** Bytes from which on a file is read past the page cache; Infinity where none is. */
    directio: number;
    /** Bytes. */
    directioAlignment: number;
    /** 0 is off; on Linux every other value means the same. */
    readAhead: number;
    clientHeaderTimeout: number;
    clientHeaderBufferSize: number;
    largeClientHeaderBuffers: Buffers;
    clientBodyTimeout: number;
    /** Bytes; 0 is no limit. */
    clientMaxBodySize: number;
    /** Lines of a request's head. */
    maxHeaders: number;
    /** Whether a body of unknown length comes in chunks, or up to the end of the connection. */
    chunkedTransferEncoding: boolean;
    sendTimeout: number;
    lingeringClose: 'off' | 'on' | 'always';
    lingeringTime: number;
    lingeringTimeout: number;
    resetTimedoutConnection: boolean;
    serverTokens: 'on' | 'off' | 'build';
    openFileCache: OpenFileCache | null;
    openFileCacheValid: number;
    openFileCacheMinUses: number;
    openFileCacheErrors: boolean;
    logNotFound: boolean;
    mergeSlashes: boolean;
    ignoreInvalidHeaders: boolean;
    underscoresInHeaders: boolean;
    satisfy: 'all' | 'any';
    /** Milliseconds that a 401 waits. */
    authDelay: number;
    /** Only for requests whose `internal` is true; others get 404. */
    internal: boolean;
  }
}

/** nginx's connection_pool_size on a 64-bit system: a header buffer may not be smaller. */
const LEAST_HEADER_BUFFER = 512;
const MINUTE = 60_000;

function parseServerNames(
  args: readonly string[],
  cx: ParseContext,
  before: readonly ServerName[] | undefined,
): readonly ServerName[] {
  const names = [...(before ?? [])];
  for (const text of args) {
    const name = text === '$hostname' ? hostname() : text;
    try {
      names.push(parseServerName(name, (source, nocase) => cx.regex(source, nocase)));
    } catch (error) {
      if (!(error instanceof ServerNameError)) throw error;
      cx.fail(error.message);
    }
  }
  return names;
}

function parseHeaderBuffers(args: readonly string[], cx: ParseContext): Buffers {
  const buffers = parseBuffers('large_client_header_buffers', args, cx);
  if (buffers.size < LEAST_HEADER_BUFFER) {
    cx.fail('the "large_client_header_buffers" size must be equal to or greater than "connection_pool_size"');
  }
  return buffers;
}

function parseOpenFileCache(args: readonly string[], cx: ParseContext): OpenFileCache | null {
  let max: number | undefined = 0;
  let inactive: number | undefined = MINUTE;
  let off = false;
  for (const word of args) {
    if (word === 'off') off = true;
    else if (word.startsWith('max=')) max = parseInteger(word.slice('max='.length), 1);
    else if (word.startsWith('inactive=')) inactive = parseTime(word.slice('inactive='.length), 's');
    else max = undefined;
    if (max === undefined || inactive === undefined) return cx.fail(`invalid "open_file_cache" parameter "${word}"`);
  }
  if (off) return null;
  return max > 0 ? { max, inactive } : cx.fail('"open_file_cache" must have the "max" parameter');
}

const sending: readonly AnyDirective[] = [
  flag('sendfile', 'sendfile', EVERYWHERE_AND_IF, 'off', 'Whether the kernel moves files to the socket (sendfile(2)).'),
  size(
    'sendfile_max_chunk',
    'sendfileMaxChunk',
    EVERYWHERE,
    '2m',
    'Bytes that one sendfile call may move; 0: no limit. Beside others, a larger response has 256k.',
  ),
  row<'outputBuffers'>({
    name: 'output_buffers',
    key: 'outputBuffers',
    contexts: EVERYWHERE,
    args: [2, 2],
    initial: { count: 2, size: 32_768 },
    default: '2 32k',
    doc: 'Number and size of the buffers a file is read into where sendfile is off.',
    parse: (args, cx) => parseBuffers('output_buffers', args, cx),
  }),
  size(
    'postpone_output',
    'postponeOutput',
    EVERYWHERE,
    '1460',
    'Bytes to gather before they are sent, if more follow.',
  ),
  flag('tcp_nopush', 'tcpNopush', EVERYWHERE, 'off', 'Whether head and file share packets (TCP_CORK); with sendfile.'),
  flag('tcp_nodelay', 'tcpNodelay', EVERYWHERE, 'on', 'Whether small packets go at once (TCP_NODELAY).'),
  size(
    'directio',
    'directio',
    EVERYWHERE,
    'off',
    'Files of this size and more are read past the page cache (O_DIRECT), and not sent by sendfile.',
    text => (text === 'off' ? Number.POSITIVE_INFINITY : parseOffset(text)),
  ),
  size(
    'directio_alignment',
    'directioAlignment',
    EVERYWHERE,
    '512',
    'What directio reads are in steps of; 4k on file systems whose blocks cannot be read in part.',
    text => parseOffset(text) || undefined,
  ),
  size(
    'read_ahead',
    'readAhead',
    EVERYWHERE,
    '0',
    'Whether the kernel reads further ahead in files above 128k (posix_fadvise); the size itself says nothing on Linux.',
  ),
  flag(
    'chunked_transfer_encoding',
    'chunkedTransferEncoding',
    EVERYWHERE,
    'on',
    'Whether an answer of unknown length comes in chunks (HTTP/1.1); if not, its end is that of the connection.',
  ),
  time('send_timeout', 'sendTimeout', EVERYWHERE, '60s', 'How long the client may take nothing between two writes.'),
  flag('reset_timedout_connection', 'resetTimedoutConnection', EVERYWHERE, 'off', 'Whether to reset after a timeout.'),
  choice('server_tokens', 'serverTokens', EVERYWHERE, ['off', 'on', 'build'], 'on', 'Whether to tell the version.'),
];

const lingering: readonly AnyDirective[] = [
  choice(
    'lingering_close',
    'lingeringClose',
    EVERYWHERE,
    ['off', 'on', 'always'],
    'on',
    'Whether to read on before closing.',
  ),
  time('lingering_time', 'lingeringTime', EVERYWHERE, '30s', 'How long to read on in all.'),
  time('lingering_timeout', 'lingeringTimeout', EVERYWHERE, '5s', 'How long to wait for more while reading on.'),
];

const receiving: readonly AnyDirective[] = [
  time('client_header_timeout', 'clientHeaderTimeout', SERVER_LEVEL, '60s', 'How long a request head may take.'),
  size(
    'client_header_buffer_size',
    'clientHeaderBufferSize',
    SERVER_LEVEL,
    '1k',
    'The first buffer of a request head.',
  ),
  row<'largeClientHeaderBuffers'>({
    name: 'large_client_header_buffers',
    key: 'largeClientHeaderBuffers',
    contexts: SERVER_LEVEL,
    args: [2, 2],
    initial: { count: 4, size: 8192 },
    default: '4 8k',
    doc: 'Number and size of the buffers for a request head that outgrows the first.',
    parse: parseHeaderBuffers,
  }),
  count(
    'max_headers',
    'maxHeaders',
    SERVER_LEVEL,
    '1000',
    'The most lines of a request head, beside the first: 400 beyond. It is the server that Host names that counts, wherever Host stands.',
  ),
  time('client_body_timeout', 'clientBodyTimeout', EVERYWHERE, '60s', 'How long to wait between two reads of a body.'),
  size('client_max_body_size', 'clientMaxBodySize', EVERYWHERE, '1m', 'The largest body; 0: no limit.', parseOffset),
  flag('merge_slashes', 'mergeSlashes', SERVER_LEVEL, 'on', 'Whether several slashes in a path are one.'),
  flag('ignore_invalid_headers', 'ignoreInvalidHeaders', SERVER_LEVEL, 'on', 'Whether odd header names are skipped.'),
  flag('underscores_in_headers', 'underscoresInHeaders', SERVER_LEVEL, 'off', 'Whether "_" may be in header names.'),
];

const opening: readonly AnyDirective[] = [
  row<'openFileCache'>({
    name: 'open_file_cache',
    key: 'openFileCache',
    contexts: EVERYWHERE,
    args: [1, 2],
    initial: null,
    default: 'off',
    doc: 'How many open files are kept (max=), and how long unused ones are (inactive=60s). What files of 8 KB and less hold is kept too.',
    parse: parseOpenFileCache,
  }),
  time('open_file_cache_valid', 'openFileCacheValid', EVERYWHERE, '60s', 'How long an entry is believed.', 's'),
  count('open_file_cache_min_uses', 'openFileCacheMinUses', EVERYWHERE, '1', 'Uses after which a file stays open.'),
  flag('open_file_cache_errors', 'openFileCacheErrors', EVERYWHERE, 'off', 'Whether failures are kept too.'),
  flag('log_not_found', 'logNotFound', EVERYWHERE, 'on', 'Whether missing files go to the error log.'),
];

const choosing: readonly AnyDirective[] = [
  row<'serverName'>({
    name: 'server_name',
    key: 'serverName',
    contexts: ['server'],
    args: [1, Number.POSITIVE_INFINITY],
    repeatable: true,
    initial: [parseServerName('')],
    default: '""',
    doc: 'The names of a server: exact, *.example, example.*, or ~ a regular expression.',
    parse: parseServerNames,
  }),
  row<'internal'>({
    name: 'internal',
    key: 'internal',
    contexts: ['location'],
    args: [0, 0],
    initial: false,
    doc: 'Only for internal redirects; from outside it is 404.',
    parse: () => true,
  }),
  choice(
    'satisfy',
    'satisfy',
    EVERYWHERE,
    ['all', 'any'],
    'all',
    'Whether all of the modules that ask who comes in have to agree, or one is enough.',
  ),
  time('auth_delay', 'authDelay', EVERYWHERE, '0s', 'How long a 401 waits, to slow down guessing.'),
];

/** When no module had content: a folder without an index is forbidden, and anything else is not found. */
const noContent: Handler = request => {
  if (!request.uri.endsWith('/')) {
    request.log('error', 'no handler found');
    return 404;
  }
  request.log('error', `directory index of "${request.mapPath()}" is forbidden`);
  return 403;
};

/** `internal` is a rule of the moment the location is found: 0 to go on, or the status. */
export const checkInternal: Handler = request => (request.settings.internal && !request.internal ? 404 : Outcome.Next);

const LAST_WORD = { content: noContent };

export const coreHttp: Module = {
  name: 'core',
  directives: [...choosing, ...sending, ...lingering, ...receiving, ...opening],
  phases: () => LAST_WORD,
};
