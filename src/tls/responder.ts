import { type IncomingMessage, request } from 'node:http';
import { isIPv6 } from 'node:net';
import { ETIMEDOUT, errnoText } from '../../native/errno.js';

/** What an answer may take; as in nginx. */
export interface AnswerLimits {
  /** Milliseconds from the question to the answer's last byte. */
  readonly time: number;
  readonly bytes: number;
}

export const answerLimits: AnswerLimits = { time: 60_000, bytes: 16 * 1024 };

const answerType = 'application/ocsp-response';

/**
 * Asks a responder by HTTP, as nginx does: the question is a part of the path (RFC 6960, appendix A). It runs on Node's loop.
 * @throws Error with nginx's words
 */
export function askResponder(url: URL, question: Buffer, limits: AnswerLimits = answerLimits): Promise<Buffer> {
  const folder = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve, reject) => {
    const asked = request({
      ...{ host, family: isIPv6(host) ? 6 : 0, port: url.port || 80, agent: false, maxHeaderSize: limits.bytes },
      path: folder + encodeURIComponent(question.toString('base64')),
    });
    const timer = setTimeout(
      () => asked.destroy(new Error(`OCSP responder timed out (${errnoText(ETIMEDOUT)})`)),
      limits.time,
    );
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(new Error(wordsOf(error, host)));
    };
    asked.on('error', fail);
    asked.on('response', answer => {
      answer.on('error', fail);
      const refusal = refusalOf(answer);
      if (refusal !== '') asked.destroy(new Error(refusal));
      else {
        collect(answer, limits.bytes, body => {
          clearTimeout(timer);
          resolve(body);
        });
      }
    });
    asked.end();
  });
}

function refusalOf({ statusCode, headers }: IncomingMessage): string {
  if (statusCode !== 200) return `OCSP responder sent status ${statusCode}`;
  const type = headers['content-type'];
  if (type === undefined || type.toLowerCase() === answerType) return '';
  return `OCSP responder sent invalid "Content-Type" header: "${type}"`;
}

function collect(answer: IncomingMessage, most: number, done: (body: Buffer) => void): void {
  const parts: Buffer[] = [];
  let length = 0;
  answer.on('data', (part: Buffer) => {
    length += part.length;
    if (length > most) answer.destroy(new Error(`OCSP responder sent more than ${most} bytes`));
    else parts.push(part);
  });
  answer.on('end', () => done(Buffer.concat(parts)));
}

/** Node's errors as nginx words them. */
function wordsOf(error: NodeJS.ErrnoException, host: string): string {
  const [{ code = '', syscall, errno, message }] = error instanceof AggregateError ? error.errors : [error];
  if (syscall === 'getaddrinfo') return `${host} could not be resolved (${code})`;
  if (syscall === 'connect') return `connect() failed (${errnoText(-errno)})`;
  if (code.startsWith('HPE_')) return 'OCSP responder sent invalid response';
  if (code === 'ECONNRESET') return 'OCSP responder prematurely closed connection';
  return message;
}
