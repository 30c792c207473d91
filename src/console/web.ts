import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import type { Uws } from './uws.js';

/** HTTP as the console needs it, over uWebSockets.js. */

export interface WebRequest {
  /** In capital letters. */
  readonly method: string;
  readonly path: string;
  /** '' where there is none. @param name in small letters */
  header(name: string): string;
  /** Address of the client; '' where the stand-in does not tell. */
  readonly remote: string;
}

export interface WebAnswer {
  /** As `200 OK`. */
  readonly status: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** How a request is answered: at once, or when its body is there. */
export type WebHandler = (request: WebRequest) => WebAnswer | ((body: string) => Promise<WebAnswer>);

/** Bytes of a request's body at most. */
const largestBody = 4096;

/** Of every answer: the page runs nothing that is not its own, stands in no frame, and nothing is kept by caches. */
const commonHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/**
 * Has all requests answered by `handler`. uWebSockets.js ends the process where a request is left without an answer, and nothing may throw
 * into it: so whatever happens, there is one.
 */
export function answerAll(app: TemplatedApp, { backend }: Uws, handler: WebHandler): void {
  app.any('/*', (res, req) => {
    const request = readRequest(res, req, backend);
    let isOver = false;
    res.onAborted(() => {
      isOver = true;
    });
    const finish = (answer: WebAnswer) => {
      if (isOver) return;
      isOver = true;
      res.cork(() => send(res, answer, request.method, backend));
    };
    const answer = attempt(() => handler(request));
    if (typeof answer !== 'function') {
      finish(answer);
      return;
    }
    readBody(
      res,
      body => answer(body).then(finish, () => finish(failure)),
      () => finish(tooLarge),
    );
  });
}

function attempt<T>(handle: () => T): T | WebAnswer {
  try {
    return handle();
  } catch {
    return failure;
  }
}

const failure: WebAnswer = { status: '500 Internal Server Error', body: 'the console failed to answer\n' };
const tooLarge: WebAnswer = { status: '413 Payload Too Large', body: `at most ${largestBody} bytes\n` };

/** What the request says: it is gone when the handler of uWebSockets.js returns, so that headers are read now or never. */
function readRequest(res: HttpResponse, req: HttpRequest, backend: Uws['backend']): WebRequest {
  return {
    method: req.getMethod().toUpperCase(),
    // the stand-in leaves the query on it
    path: req.getUrl().split('?', 1)[0],
    header: name => req.getHeader(name),
    remote: backend === 'native' ? remoteOf(res) : '',
  };
}

export function remoteOf(res: HttpResponse): string {
  return shortAddress(Buffer.from(res.getRemoteAddressAsText()).toString('latin1'));
}

/** `127.0.0.1` for `0000:…:ffff:7f00:0001`, as sockets that listen on both families have it; other addresses without leading zeros. */
export function shortAddress(text: string): string {
  const words = text.split(':').map(word => Number.parseInt(word, 16));
  if (words.length !== 8) return text;
  if (words.slice(0, 5).every(word => word === 0) && words[5] === 0xffff) {
    return [words[6] >> 8, words[6] & 255, words[7] >> 8, words[7] & 255].join('.');
  }
  return words
    .map(word => word.toString(16))
    .join(':')
    .replace(/(^|:)0(:0)+(:|$)/, '::');
}

function readBody(res: HttpResponse, whole: (text: string) => void, tooLong: () => void): void {
  let text = '';
  let isOver = false;
  res.onData((part, isLast) => {
    if (isOver) return;
    text += Buffer.from(part).toString('latin1');
    if (text.length > largestBody) {
      isOver = true;
      tooLong();
    } else if (isLast) {
      isOver = true;
      whole(Buffer.from(text, 'latin1').toString());
    }
  });
}

function send(res: HttpResponse, answer: WebAnswer, method: string, backend: Uws['backend']): void {
  const { status, type = 'text/plain; charset=utf-8', headers = {}, body } = answer;
  res.writeStatus(status);
  const all = { 'Content-Type': type, ...commonHeaders, ...headers };
  for (const [name, value] of Object.entries(all)) res.writeHeader(name, value);
  // Node's own server, which is under the stand-in, leaves the body of a HEAD out by itself
  if (method === 'HEAD' && backend === 'native') res.endWithoutBody(Buffer.byteLength(body));
  else res.end(body);
}
