/** What one client says to a server over one connection, and hears. */
import { createConnection, type Socket } from 'node:net';

/** One response as it came, interim ones (100) included. */
export interface Reply {
  readonly statusLine: string;
  /** As they came: `Name: value`. */
  readonly fields: readonly string[];
  readonly body: Buffer;
  /** Its request was a HEAD. */
  readonly head: boolean;
}

/** All that came over one connection. */
export interface Heard {
  /** The client's port, by which the access log knows the connection. */
  readonly port: number;
  readonly replies: readonly Reply[];
  /** Answers that came to the probe: 1 where the connection was kept, 0 where it was closed before. */
  readonly probed: number;
  /** Bytes that are no whole response. */
  readonly rest: Buffer;
}

/** How long one connection may take (ms). */
const patience = 10_000;

/** Asks whether the connection was kept, and has it closed. */
const probe = 'GET /probe HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n';

/**
 * Sends requests over one connection, each when the answer to the one before it has come, and then a probe; reads to the close.
 * @param halfClose ends the sending side in the place of a probe: for requests that have no end
 */
export async function exchange(serverPort: number, requests: readonly string[], halfClose: boolean): Promise<Heard> {
  const client = new Listener(createConnection({ host: '127.0.0.1', port: serverPort, allowHalfOpen: true }));
  const deadline = setTimeout(() => client.fail(`no end after ${patience} ms: ${JSON.stringify(requests)}`), patience);
  try {
    const port = await client.connected();
    let expected = 0;
    for (const text of requests) {
      client.expect(methodsOf(text));
      client.socket.write(Buffer.from(text, 'latin1'));
      expected = client.methods.length;
      if (!halfClose) await client.until(() => client.finals >= expected);
    }
    const before = client.replies.length;
    if (halfClose) client.socket.end();
    else {
      client.expect(['GET']);
      if (client.socket.writable) client.socket.write(probe);
    }
    await client.until(() => false);
    const split = halfClose ? client.replies.length : before;
    const { replies, rest } = client;
    return { port, replies: replies.slice(0, split), probed: replies.length - split, rest };
  } finally {
    clearTimeout(deadline);
    client.socket.destroy();
  }
}

/** The methods of the requests of a text: of several where they are pipelined (bodies do not look like requests). */
function methodsOf(text: string): string[] {
  const lines = text.split(/\r?\n/).filter(line => / HTTP\/\d/.test(line));
  return lines.length === 0 ? ['GET'] : lines.map(line => line.trimStart().split(' ')[0]!);
}

class Listener {
  readonly replies: Reply[] = [];
  readonly methods: string[] = [];
  /** Responses that are not interim. */
  finals = 0;
  rest: Buffer = Buffer.alloc(0);
  private ended = false;
  private failure: Error | null = null;
  private wake: () => void = () => {};

  constructor(readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', chunk => {
      this.rest = Buffer.concat([this.rest, chunk]);
      this.parse();
      this.wake();
    });
    // a reset says no more than a close here: what came before it counts
    socket.on('error', () => this.end());
    socket.on('end', () => this.end());
    socket.on('close', () => this.end());
  }

  async connected(): Promise<number> {
    if (this.socket.connecting) await new Promise<void>(resolve => this.socket.once('connect', resolve));
    return this.socket.localPort as number;
  }

  expect(methods: readonly string[]): void {
    this.methods.push(...methods);
  }

  /** Waits until something holds, or the server has closed the connection. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds() && !this.ended) {
      await new Promise<void>(resolve => {
        this.wake = resolve;
      });
      if (this.failure !== null) throw this.failure;
    }
  }

  fail(reason: string): void {
    this.failure = new Error(`${reason}, after ${JSON.stringify(this.rest.toString('latin1'))}`);
    this.wake();
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.parse();
    this.wake();
  }

  private parse(): void {
    while (this.rest.length > 0 && this.take());
  }

  /** Takes one response off the bytes that came; false where it is not whole. */
  private take(): boolean {
    const end = this.rest.indexOf('\r\n\r\n');
    if (end === -1 || !this.rest.toString('latin1', 0, 5).startsWith('HTTP/')) return false;
    const [statusLine, ...fields] = this.rest.toString('latin1', 0, end).split('\r\n') as [string, ...string[]];
    const status = Number(statusLine.split(' ')[1]);
    const head = this.methods[this.finals] === 'HEAD';
    const bodiless = head || status < 200 || status === 204 || status === 304;
    const size = bodiless ? 0 : this.bodySize(fields, end + 4);
    if (size === -1) return false;
    const body = this.rest.subarray(end + 4, end + 4 + size);
    this.rest = this.rest.subarray(end + 4 + size);
    this.replies.push({ statusLine, fields, body, head });
    if (status >= 200) this.finals++;
    return true;
  }

  /** The bytes of the body that begins at `from`, chunks with their frames; -1 while it is not whole. */
  private bodySize(fields: readonly string[], from: number): number {
    const present = this.rest.length - from;
    const length = fields.find(field => /^content-length:/i.test(field));
    if (length !== undefined) {
      const size = Number(length.split(':')[1]);
      return present >= size ? size : this.ended ? present : -1;
    }
    if (fields.some(field => /^transfer-encoding: chunked/i.test(field))) {
      const last = /(?:^|\r\n)0\r\n(?:[^\r]+\r\n)*\r\n/.exec(this.rest.toString('latin1', from));
      return last ? last.index + last[0].length : this.ended ? present : -1;
    }
    return this.ended ? present : -1;
  }
}
