/** A client's first message, written by hand: what no client of today would send can be said in it, and what the server chooses is read from its answer. */

import type { TestServer } from '../server/harness.js';
import { rawSocket } from './tunnel.js';

export interface Hello {
  /** 0x0300 (SSLv3) to 0x0304 (TLS 1.3). */
  readonly version: number;
  /** Numbers of cipher suites. */
  readonly ciphers: readonly number[];
}

/** What came back: a cipher and a version that were chosen, or the alert (RFC 8446 §6). */
export interface Choice {
  readonly version: number;
  readonly cipher: number;
  readonly alert: number;
}

/** Alerts. */
export const handshakeFailure = 40;
export const protocolVersion = 70;

const handshakeRecord = 22;
const alertRecord = 21;
const TLS13 = 0x0304;
const largestRecord = 16_384;

function words(numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 2);
  for (const [index, number] of numbers.entries()) bytes.writeUInt16BE(number, index * 2);
  return bytes;
}

/** Bytes with their length before them. */
function sized(lengthBytes: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(body.length, 0, lengthBytes);
  return Buffer.concat([length, body]);
}

const extension = (type: number, body: Buffer) => Buffer.concat([words([type]), sized(2, body)]);

/** The records of it. */
export function helloRecords({ version, ciphers }: Hello): Buffer {
  const groups = words([23, 24, 29]);
  const signatures = words([0x0403, 0x0503, 0x0804, 0x0805, 0x0401, 0x0501, 0x0201, 0x0203]);
  const extensions = [
    extension(10, sized(2, groups)),
    extension(11, sized(1, Buffer.of(0))),
    extension(13, sized(2, signatures)),
  ];
  // without a key the server asks for one (HelloRetryRequest), and says which cipher it is for
  if (version === TLS13) extensions.push(extension(43, sized(1, words([TLS13]))), extension(51, sized(2)));
  const body = Buffer.concat([
    words([Math.min(version, 0x0303)]),
    Buffer.alloc(32, 'r'),
    sized(1),
    sized(2, words(ciphers)),
    sized(1, Buffer.of(0)),
    sized(2, ...extensions),
  ]);
  const message = Buffer.concat([Buffer.of(1), sized(3, body)]);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += largestRecord) {
    const part = message.subarray(at, at + largestRecord);
    records.push(Buffer.of(handshakeRecord), words([Math.min(version, 0x0301)]), sized(2, part));
  }
  return Buffer.concat(records);
}

/** What the server at the port for HTTPS answers to it. */
export async function choiceFor(server: TestServer, hello: Hello): Promise<Choice> {
  const raw = await rawSocket(server);
  try {
    raw.write(helloRecords(hello));
    let answer = Buffer.alloc(0);
    for await (const chunk of raw) {
      answer = Buffer.concat([answer, chunk as Buffer]);
      if (answer.length >= 5 && answer.length >= 5 + answer.readUInt16BE(3)) break;
    }
    return read(answer);
  } finally {
    raw.destroy();
  }
}

function read(answer: Buffer): Choice {
  if (answer[0] === alertRecord) return { version: 0, cipher: 0, alert: answer[6] };
  if (answer[0] !== handshakeRecord || answer[5] !== 2)
    throw new Error(`no answer to a hello: ${answer.toString('hex')}`);
  // its head, the version, 32 random bytes, the session's id
  const cipherAt = 9 + 2 + 32 + 1 + answer[9 + 2 + 32];
  return { version: answer.readUInt16BE(9), cipher: answer.readUInt16BE(cipherAt), alert: 0 };
}

/** All suites that the server takes in a version, of all numbers that there are: each is asked for until what is left is refused. */
export async function suitesTaken(server: TestServer, version: number): Promise<number[]> {
  const taken: number[] = [];
  // TLS_FALLBACK_SCSV is no suite, and ends a handshake by itself
  const fallback = 0x5600;
  for (let first = 0; first < 0x10000; first += 0x4000) {
    let offered = Array.from({ length: 0x4000 }, (_, index) => first + index).filter(each => each !== fallback);
    for (;;) {
      const { cipher, alert } = await choiceFor(server, { version, ciphers: offered });
      if (alert === handshakeFailure) break;
      if (alert !== 0 || !offered.includes(cipher)) throw new Error(`alert ${alert}, cipher ${cipher}`);
      taken.push(cipher);
      offered = offered.filter(each => each !== cipher);
    }
  }
  return taken;
}
