/** Who sends headers of the PROXY protocol: bytes by hand, and haproxy. */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { findProgram } from '../../src/tools/programs.js';
import { freePort, until } from '../../src/tools/waiting.js';

const signature = '\r\n\r\n\0\r\nQUIT\n';

/** A header of version 2. @param command version and command */
export function binaryHeader(command: number, family: number, content: string): string {
  return signature + String.fromCharCode(command, family, content.length >> 8, content.length & 255) + content;
}

/** One piece of what version 2 tells beside addresses. */
export function record(type: number, content: string): string {
  return String.fromCharCode(type, content.length >> 8, content.length & 255) + content;
}

export const missingHaproxy = findProgram('haproxy') === undefined ? 'haproxy is not installed' : false;

/** haproxy with one port for each of its servers. */
export class Haproxy {
  private said = '';

  private constructor(
    private readonly child: ChildProcess,
    private readonly file: string,
    /** Where clients connect, in the order of the servers. */
    readonly ports: readonly number[],
  ) {
    child.stderr?.on('data', chunk => {
      this.said += chunk;
    });
  }

  /** @param servers address and options of each, as haproxy's `server` takes them */
  static async start(file: string, servers: readonly string[]): Promise<Haproxy> {
    const ports: number[] = [];
    for (const _ of servers) ports.push(await freePort());
    const listens = servers.map((server, i) => `listen l${i}\n bind 127.0.0.1:${ports[i]}\n server s ${server}\n`);
    const defaults = 'defaults\n mode tcp\n timeout connect 5s\n timeout client 5s\n timeout server 5s\n';
    writeFileSync(file, `${defaults}${listens.join('')}`);
    const child = spawn(findProgram('haproxy') as string, ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    const haproxy = new Haproxy(child, file, ports);
    await until(
      () => haproxy.answers(),
      () => child.exitCode === null,
      () => `haproxy does not start: ${haproxy.said}`,
    );
    return haproxy;
  }

  async stop(): Promise<void> {
    const ended = new Promise(resolve => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
    rmSync(this.file);
  }

  private answers(): Promise<boolean> {
    const socket = createConnection(this.ports.at(-1) as number, '127.0.0.1');
    return new Promise<boolean>(resolve => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    }).finally(() => socket.destroy());
  }
}
