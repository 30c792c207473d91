import { EAGAIN } from '../../../native/errno.js';
import { cString } from '../../../native/memory.js';
import { MSG_NOSIGNAL, send } from '../../../native/socket.js';
import { Deferred } from '../../event/deferred.js';
import type { EventLoop } from '../../event/loop.js';
import { connectionFailure, TransferError } from '../failure.js';
import { plain } from '../plain.js';
import { FirstLine, type Opening } from './first-line.js';
import { isToken } from './messages.js';

/**
 * The first line of each connection, of either side. The connecting side says what the connection is for:
 *
 *     zerocopy/1 control
 *     zerocopy/1 data 0123456789abcdef0123456789abcdef
 *
 * and waits for `zerocopy/1 ok`, or `zerocopy/1 no` and a reason, before it says more. So neither side ever takes a stranger's
 * bytes for messages, and an HTTP server at that port answers at once, since this is no request.
 */

const version = 1;
const prefix = 'zerocopy/';
/** ms */
export const greetingTimeout = 10_000;

/** What a connection is for. */
export type Purpose =
  | { readonly is: 'control' }
  | { readonly is: 'data'; readonly token: string }
  /** None of ours: what it is told, and what the user is told of it. */
  | { readonly is: 'wrong'; readonly answer: string; readonly note: string };

/**
 * Says what a new connection is for, and waits until the receiver has agreed.
 * @param token of the session that the connection is to join; '' for the control connection of a new one
 * @param peer the receiver's address
 * @throws TransferError: who is there is no receiver (kind peer), or the receiver refuses
 */
export async function greet(loop: EventLoop, fd: number, token: string, peer: string): Promise<void> {
  const sent = say(fd, token === '' ? 'control' : `data ${token}`);
  if (sent < 0) throw connectionFailure(-sent, 'sendto', peer);
  const answer = new Deferred<Opening>(loop);
  new FirstLine(loop, fd, prefix, greetingTimeout, opening => answer.resolve(opening)).start();
  checkAnswer(await answer.promise, peer);
}

function checkAnswer(opening: Opening, peer: string): void {
  const stranger = `${peer} is no zerocopy receiver`;
  const advice = 'is another program listening on that port?';
  if (opening.is === 'nothing') throw new TransferError(`${stranger}: ${opening.how}; ${advice}`, 'peer');
  if (opening.is === 'foreign') {
    throw new TransferError(`${stranger}: it answered "${plain(opening.text)}"; ${advice}`, 'peer');
  }
  const [, number, word, reason] = /^zerocopy\/(\d+) (ok|no) ?(.*)$/.exec(opening.text) ?? [];
  if (word === 'no') throw new TransferError(`${peer} refuses: ${plain(reason)}`, 'refused');
  if (word !== 'ok') throw new TransferError(`${stranger}: it answered "${plain(opening.text)}"; ${advice}`, 'peer');
  if (Number(number) !== version) {
    throw new TransferError(`${peer} speaks version ${number} of the protocol, and this is version ${version}`, 'peer');
  }
}

/** Makes out what the first line of a connection means to a receiver. */
export function purposeOf(opening: Opening): Purpose {
  const hint = 'this is a zerocopy receiver: it takes files from "zerocopy send"';
  if (opening.is === 'nothing') return { is: 'wrong', answer: '', note: opening.how };
  if (opening.is === 'foreign') return { is: 'wrong', answer: hint, note: `it said "${plain(opening.text)}"` };
  const [, number, word, token = ''] = /^zerocopy\/(\d+) (control|data)(?: (\S+))?$/.exec(opening.text) ?? [];
  if (number !== undefined && Number(number) !== version) {
    const versions = `version ${number} of the protocol, and this is version ${version}`;
    return { is: 'wrong', answer: `you speak ${versions}`, note: `it speaks ${versions}` };
  }
  if (word === 'control' && token === '') return { is: 'control' };
  if (word === 'data' && isToken(token)) return { is: 'data', token };
  return { is: 'wrong', answer: hint, note: `it said "${plain(opening.text)}"` };
}

/** Waits for the first line of a connection that somebody has made. */
export function awaitGreeting(loop: EventLoop, fd: number, done: (purpose: Purpose) => void): FirstLine {
  const line = new FirstLine(loop, fd, prefix, greetingTimeout, opening => done(purposeOf(opening)));
  line.start();
  return line;
}

export function agree(fd: number): void {
  say(fd, 'ok');
}

/** @param reason one line, of which the first 200 bytes are said */
export function refuse(fd: number, reason: string): void {
  say(fd, `no ${reason.slice(0, 200)}`);
}

/** A line of so few bytes goes into the buffer of a new connection as a whole; where it does not, the connection is broken. */
function say(fd: number, text: string): number {
  const line = `${prefix}${version} ${text}\n`;
  const sent = send(fd, cString(line), line.length, MSG_NOSIGNAL);
  return sent >= 0 && sent < line.length ? -EAGAIN : sent;
}
