/** Responders for OCSP: one that does what its path says, with answers of the openssl program, and that program itself. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitFor } from '../server/client.js';
import type { Certificates } from './certificates.js';

type Behaviour = (question: Buffer, response: ServerResponse, request: IncomingMessage) => void;

/** Answers http://…/KIND/QUESTION as the behaviour of that name does. */
export class Responder {
  /** The kinds that were asked for, in order. */
  readonly asked: string[] = [];
  private readonly server: Server;

  constructor(private readonly behaviours: Record<string, Behaviour>) {
    this.server = createServer((request, response) => {
      const [, kind = '', question = ''] = (request.url ?? '').split('/');
      this.asked.push(kind);
      this.behaviours[kind]?.(Buffer.from(decodeURIComponent(question), 'base64'), response, request);
    });
  }

  async start(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  url(kind: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${kind}`;
  }

  count(kind: string): number {
    return this.asked.filter(each => each === kind).length;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** What BY's responder says to a question. @param signer whose key it is signed with */
export function answerOf(
  { folder }: Certificates,
  question: Buffer,
  by: string,
  signer = by,
  options: readonly string[] = ['-ndays', '7'],
): Buffer {
  writeFileSync(`${folder}/question`, question);
  const who = ['-index', 'index.txt', '-CA', `${by}.pem`, '-rsigner', `${signer}.pem`, '-rkey', `${signer}.key`];
  execFileSync('openssl', ['ocsp', ...who, '-reqin', 'question', '-respout', 'answer', ...options], {
    cwd: folder,
    stdio: 'ignore',
  });
  return readFileSync(`${folder}/answer`);
}

export function send(response: ServerResponse, answer: Buffer | string): void {
  response.writeHead(200, { 'Content-Type': 'application/ocsp-response' });
  response.end(answer);
}

/** `openssl ocsp -port`, at a port of its own. */
export class OpensslResponder {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  static async start({ folder }: Certificates, by: string): Promise<OpensslResponder> {
    const who = ['-index', 'index.txt', '-CA', `${by}.pem`, '-rsigner', `${by}.pem`, '-rkey', `${by}.key`];
    const child = spawn('openssl', ['ocsp', '-port', '0', ...who, '-ndays', '7'], { cwd: folder });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', chunk => {
        text += chunk;
      });
    }
    const port = await waitFor('openssl says its port', () => Number(/ACCEPT \S*:(\d+)/.exec(text)?.[1] ?? 0));
    return new OpensslResponder(child, port);
  }

  async stop(): Promise<void> {
    this.child.kill();
    await once(this.child, 'exit');
  }
}
