import { request } from 'node:http';
import { WebSocket } from 'ws';
import type { ControlAnswer, ControlOffer, ControlRequest, LiveMessage, Snapshot } from '../../src/console/snapshot.js';
import { loadUws } from '../../src/console/uws.js';
import { waitFor } from '../server/client.js';
import { type Site, TestServer } from '../server/harness.js';

/** Why there is no WebSocket to try; false where there is one. */
export const noLive =
  loadUws().backend === 'native' ? false : 'there is no native uWebSockets.js for this Node: no WebSocket';

/** A server with a console on its second port. */
export async function startWithConsole(
  site: Site = {},
  files: Record<string, Buffer | string> = {},
): Promise<ConsoleClient> {
  const main = { console: '127.0.0.1:{port2}', ...site.main };
  const server = await TestServer.start({ ...site, main }, files);
  const client = new ConsoleClient(server);
  await waitFor('the console listens', () =>
    client.get('/healthz').then(
      () => true,
      () => false,
    ),
  );
  return client;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Asks the console of a server. */
export class ConsoleClient {
  constructor(
    readonly server: TestServer,
    private readonly headers: Record<string, string> = {},
  ) {}

  /** The same, with header fields in each request. */
  with(headers: Record<string, string>): ConsoleClient {
    return new ConsoleClient(this.server, { ...this.headers, ...headers });
  }

  get port(): number {
    return this.server.ports[1];
  }

  get(path: string, method = 'GET'): Promise<Answer> {
    return this.ask(method, path);
  }

  async status(): Promise<Snapshot> {
    return JSON.parse((await this.get('/status')).text) as Snapshot;
  }

  async offer(): Promise<ControlOffer> {
    return JSON.parse((await this.get('/control')).text) as ControlOffer;
  }

  /** Changes a setting, with the token. */
  async change(change: ControlRequest): Promise<ControlAnswer & { status: number }> {
    const { token } = await this.offer();
    const answer = await this.post(JSON.stringify(change), { 'x-zerocopy-token': token });
    return { ...(JSON.parse(answer.text) as ControlAnswer), status: answer.status };
  }

  post(body: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask('POST', '/control', body, { 'content-type': 'application/json', ...headers });
  }

  private ask(method: string, path: string, body = '', headers: Record<string, string> = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const length = body === '' ? {} : { 'content-length': `${Buffer.byteLength(body)}` };
      const options = { host: '127.0.0.1', port: this.port, method, path, agent: false };
      const asked = request({ ...options, headers: { ...length, ...this.headers, ...headers } }, response => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
        response.on('error', reject);
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  /** A WebSocket, as a program opens it, or a page where there is an origin. */
  live(query = '', headers: Record<string, string> = {}): LiveClient {
    return new LiveClient(new WebSocket(`ws://127.0.0.1:${this.port}/live${query}`, { headers }));
  }
}

/** A WebSocket that keeps what it has got. */
export class LiveClient {
  readonly messages: LiveMessage[] = [];
  /** The status of a refused upgrade, -1 for an answer that is none; 101 once it is open; 0 until then. */
  status = 0;
  isClosed = false;

  constructor(readonly socket: WebSocket) {
    socket.on('open', () => {
      this.status = 101;
    });
    socket.on('unexpected-response', (_, response) => {
      this.status = response.statusCode ?? -1;
      socket.terminate();
    });
    socket.on('message', data => this.messages.push(JSON.parse(String(data)) as LiveMessage));
    // an answer that is none, as the stand-in's
    socket.on('error', () => {
      this.status ||= -1;
    });
    socket.on('close', () => {
      this.isClosed = true;
    });
  }

  answered(): Promise<number> {
    return waitFor('an answer to the upgrade', () => this.status);
  }

  message(what: string, matches: (message: LiveMessage) => boolean): Promise<LiveMessage> {
    return waitFor(what, () => this.messages.find(matches));
  }

  close(): void {
    this.socket.terminate();
  }
}
