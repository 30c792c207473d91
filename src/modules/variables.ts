/** The variables of nginx's http core, and this project's own about system calls. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Subject, Variable } from '../conf/variables.js';
import { asciiLower } from '../http/ascii.js';
import { accessLogDate, httpDate, iso8601Date } from '../http/dates.js';
import { portOf } from '../http/host.js';
import { wireStatus } from '../http/status.js';
import { basicCredentials } from './basic-credentials.js';
import { binaryAddress } from './binary-address.js';
import type { Module, Request, TcpInfo } from './module.js';
import { cookieValue, pairValue } from './pairs.js';
import { portText } from './proxy-protocol.js';

/** The nginx whose behaviour and language this server follows. */
const NGINX_VERSION = '1.22.1';
const MILLISECONDS = 1000;
const CAPTURES = 9;
const HOSTNAME = hostname().toLowerCase();

/** A variable of one request; the Subject of a server's variables is always a Request. */
function variable(name: string, doc: string, get: (request: Request) => string | undefined): Variable {
  return { name, doc, get: get as (subject: Subject) => string | undefined };
}

function family(name: string, doc: string, get: (request: Request, suffix: string) => string | undefined): Variable {
  return { name, prefix: true, doc, get: (subject: Subject, suffix) => get(subject as Request, suffix) };
}

/** Seconds with three places, of milliseconds. */
function secondsText(ms: number): string {
  const whole = Math.floor(ms / MILLISECONDS);
  const rest = Math.floor(ms) % MILLISECONDS;
  return `${whole}.${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}`;
}

/** A date that is built once a second: many lines of a log share it. */
function oncePerSecond(build: (ms: number) => string): (request: Request) => string {
  let second = -1;
  let text = '';
  return request => {
    const now = Math.floor(request.now / MILLISECONDS);
    if (now !== second) {
      second = now;
      text = build(request.now);
    }
    return text;
  };
}

/** By status: those that were written before. */
const statusTexts: string[] = [];

function statusText(status: number): string {
  const known = statusTexts[status];
  if (known !== undefined) return known;
  const text = `${wireStatus(status)}`.padStart(3, '0');
  if (status >= 0 && status <= 999) statusTexts[status] = text;
  return text;
}

/** The folder that the URI is looked up in: what root or alias comes to. */
function documentRoot(request: Request): string {
  const { alias, length } = request.settings.root;
  if (alias && length === -1) return request.mapPath();
  return request.mapPath(request.uri.slice(0, length));
}

/** The folder with all links followed; what keeps that from being known is logged. */
function realRoot(request: Request): string | undefined {
  const path = documentRoot(request);
  const found = request.realPath(path);
  if (typeof found === 'string') return found;
  request.logErrno('crit', `realpath() "${path}" failed`, found);
  return undefined;
}

/** Of the request line where that names a host, else of Host. */
function requestPort({ head }: Request): string {
  const authority = /^\S+ [a-z][a-z\d+.-]*:\/\/([^/?# ]*)/i.exec(head.requestLine)?.[1];
  return portOf(authority ?? head.hostHeader);
}

/** Where a request's values have its $request_id. */
const idKey = {};
const ID_BYTES = 16;

function requestId({ values }: Request): string {
  let id = values.get(idKey);
  if (id === undefined) {
    id = randomBytes(ID_BYTES).toString('hex');
    values.set(idKey, id);
  }
  return id;
}

function tcp(name: string, doc: string, of: (info: TcpInfo) => number): Variable {
  return variable(`tcpinfo_${name}`, doc, ({ peer }) => {
    const { tcpInfo } = peer;
    return tcpInfo === null ? undefined : `${of(tcpInfo)}`;
  });
}

function remoteUser(request: Request): string | undefined {
  return basicCredentials(request.head.authorization)?.user;
}

function dashes(name: string): string {
  return name.replaceAll('_', '-');
}

/** A header of the response by its name with dashes: one that has a field of its own, or a further line. */
function sentHeader(request: Request, name: string): string | undefined {
  const { response } = request;
  switch (name) {
    case 'content-type':
      return response.contentType || undefined;
    case 'content-length':
      return response.contentLength < 0 ? undefined : `${response.contentLength}`;
    case 'last-modified':
      if (response.lastModified >= 0) return httpDate(response.lastModified);
      break;
    case 'etag':
      return response.etag || undefined;
    case 'location':
      return response.location || undefined;
    case 'vary':
      if (response.vary !== '') return response.vary;
      break;
    case 'transfer-encoding':
      return response.streamed ? 'chunked' : undefined;
    case 'content-range':
      return response.contentRange || undefined;
    case 'accept-ranges':
      return response.acceptRanges ? 'bytes' : undefined;
  }
  return fieldValue(response.headers, name);
}

/** @param fields name, value … @param name in lower case */
function fieldValue(fields: readonly string[], name: string): string | undefined {
  let value: string | undefined;
  for (let i = 0; i < fields.length; i += 2) {
    if (asciiLower(fields[i]!) !== name) continue;
    value = value === undefined ? fields[i + 1] : `${value}, ${fields[i + 1]}`;
  }
  return value;
}

/** It may be empty; a request whose line could not be read has none. */
function pathOf({ uri, head }: Request): string | undefined {
  return uri === '' && head.length === 0 ? undefined : uri;
}

function argsOf({ args, hasArgs }: Request): string | undefined {
  return args !== '' || hasArgs ? args : undefined;
}

function serverName(request: Request): string {
  return request.server.settings.serverName[0]!.text;
}

function capture(number: number): Variable {
  const doc = `Capture ${number} of the last regular expression that matched.`;
  return variable(`${number}`, doc, request => request.captures?.[number]);
}

const ofTheRequest: readonly Variable[] = [
  {
    ...variable('args', 'The query, without "?"; `set` changes it.', argsOf),
    set: (subject, value) => {
      (subject as Request).args = value;
    },
  },
  variable('query_string', 'As $args.', argsOf),
  variable('is_args', '"?" if there is a query, else empty.', r => (r.args === '' ? '' : '?')),
  family('arg_', 'A parameter of the query, as sent.', (r, name) => pairValue(r.args, '&', name)),
  variable('uri', 'The path, decoded and normalised; internal redirects change it.', pathOf),
  variable('document_uri', 'As $uri.', pathOf),
  variable('request_uri', 'Path and query as the client sent them.', r => r.head.target || undefined),
  variable('request', 'The request line.', r => r.head.requestLine || undefined),
  variable('request_id', '32 hexadecimal digits that no other request has.', requestId),
  variable('request_method', 'GET, HEAD …', r => r.head.method || undefined),
  variable('request_filename', 'The path in the file system.', r => r.mapPath()),
  variable('document_root', 'What root or alias comes to.', documentRoot),
  variable('realpath_root', 'The same without links.', realRoot),
  variable(
    'host',
    'The host of the request line or of Host, else the name of the server.',
    r => r.head.host || serverName(r),
  ),
  variable('request_port', 'The port of the request line or of Host; empty where it is not said.', requestPort),
  variable('is_request_port', '":" if there is one, else empty.', r => (requestPort(r) === '' ? '' : ':')),
  variable('hostname', 'The name of this machine.', () => HOSTNAME),
  variable('http_user_agent', 'The User-Agent header.', r => r.head.userAgent),
  variable('http_referer', 'The Referer header.', r => r.head.referer),
  variable('http_host', 'The Host header.', r => r.head.hostHeader || undefined),
  variable('http_x_forwarded_for', 'The X-Forwarded-For header.', r => r.head.xForwardedFor),
  variable('http_cookie', 'The Cookie header.', r => r.head.cookie),
  family('http_', 'A header of the request; dashes are underscores.', (r, name) => r.head.get(dashes(name))),
  family('cookie_', 'A cookie.', (r, name) =>
    r.head.cookie === undefined ? undefined : cookieValue(r.head.cookie, name),
  ),
  variable('content_length', 'The Content-Length header.', r => r.head.get('content-length')),
  variable('content_type', 'The Content-Type header.', r => r.head.contentType),
  variable('request_length', 'Bytes of the request: line, headers and body.', r => `${r.requestLength}`),
  variable('remote_user', 'The user of Basic authentication.', remoteUser),
  variable('scheme', 'http or https.', r => (r.tls === null ? 'http' : 'https')),
  variable('https', '"on" under TLS, else empty.', r => (r.tls === null ? '' : 'on')),
  variable('server_protocol', 'HTTP/1.1, HTTP/1.0 …', r => r.head.protocol || undefined),
  ...Array.from({ length: CAPTURES }, (_, i) => capture(i + 1)),
];

const ofTheConnection: readonly Variable[] = [
  variable('remote_addr', 'The address of the client.', r => r.client.remoteAddress),
  variable('remote_port', 'The port of the client.', r => portText(r.client.remotePort)),
  variable('binary_remote_addr', 'The address of the client as 4 or 16 bytes.', r =>
    binaryAddress(r.client.remoteAddress),
  ),
  variable('server_addr', 'The address the connection came to.', r => r.client.serverAddress),
  variable('server_port', 'The port the connection came to.', r => `${r.client.serverPort}`),
  variable('server_name', 'The first name of the server that was chosen.', serverName),
  variable('connection', 'The serial number of the connection.', r => `${r.client.serial}`),
  variable('connection_requests', 'Requests over this connection so far.', r => `${r.client.requests}`),
  variable('connection_time', 'Age of the connection: seconds, three places.', r =>
    secondsText(r.now - r.client.acceptedAt),
  ),
  tcp('rtt', 'The round trip of the connection, in microseconds.', info => info.rtt),
  tcp('rttvar', 'How much that varies, in microseconds.', info => info.rttVariation),
  tcp('snd_cwnd', 'Packets that may be on their way to the client.', info => info.sendWindow),
  tcp('rcv_space', 'Bytes that the client may send at once.', info => info.receiveSpace),
  variable('pipe', '"p" if the request was pipelined, else ".".', r => (r.pipelined ? 'p' : '.')),
];

const ofTheResponse: readonly Variable[] = [
  variable('status', 'The status of the response.', r =>
    statusText(r.errorStatus !== 0 ? r.errorStatus : r.response.status),
  ),
  variable('body_bytes_sent', 'Bytes sent to the client without the head.', r => `${r.bodyBytesSent}`),
  variable('bytes_sent', 'Bytes sent to the client.', r => `${r.bytesSent}`),
  variable('request_time', 'Seconds with three places, from the first byte read.', r =>
    secondsText(r.now - r.startedAt),
  ),
  variable('request_completion', '"OK" if the response was sent completely, else empty.', r =>
    r.completed ? 'OK' : '',
  ),
  family('sent_http_', 'A header of the response; not Date, Server, Connection.', (r, name) =>
    sentHeader(r, dashes(name)),
  ),
  family('sent_trailer_', 'A line behind the body of the response.', (r, name) =>
    fieldValue(r.response.trailers ?? [], dashes(name)),
  ),
  variable('sendfile_calls', 'sendfile calls that the response has cost (not in nginx).', r => `${r.calls.sendfile}`),
  variable('pread_calls', 'pread calls that the response has cost (not in nginx).', r => `${r.calls.pread}`),
  variable('writev_calls', 'writev calls that the response has cost (not in nginx).', r => `${r.calls.writev}`),
  variable('eagain_count', 'How often the socket was full (not in nginx).', r => `${r.calls.eagain}`),
];

const ofTheMoment: readonly Variable[] = [
  variable('msec', 'Seconds since 1970 with three places.', r => secondsText(r.now)),
  variable('time_local', 'Local time as access logs have it.', oncePerSecond(accessLogDate)),
  variable('time_iso8601', 'Local time in ISO 8601.', oncePerSecond(iso8601Date)),
  variable('pid', 'The process number of the worker.', () => `${process.pid}`),
  variable('nginx_version', 'The version of nginx that this server follows.', () => NGINX_VERSION),
];

export const variables: Module = {
  name: 'variables',
  variables: [...ofTheRequest, ...ofTheConnection, ...ofTheResponse, ...ofTheMoment],
};
