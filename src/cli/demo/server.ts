import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ended, gather, start } from '../../tools/children.js';
import { freePort, until } from '../../tools/waiting.js';

const program = fileURLToPath(new URL('../main.js', import.meta.url));

/** What one response has cost, by the server's own count. */
export interface LoggedCalls {
  readonly sendfile: number;
  readonly pread: number;
  readonly writev: number;
  readonly eagain: number;
  /** Bytes of the response, and of its body alone. */
  readonly bytes: number;
  readonly body: number;
}

/** One file twice: /off/ and /on/ differ in the one directive. One process listens and serves, so that its cost is seen. */
function configText(folder: string, port: number): string {
  const files = `"${folder.replace(/["\\]/g, '\\$&')}/"`;
  return `
daemon off;
master_process off;
pid pid;
error_log error.log;
events {}
http {
  log_format calls '$sendfile_calls $pread_calls $writev_calls $eagain_count $bytes_sent $body_bytes_sent';
  access_log calls.log calls;
  tcp_nopush on;
  server {
    listen 127.0.0.1:${port};
    location /off/ { sendfile off; alias ${files}; }
    location /on/ { sendfile on; alias ${files}; }
  }
}
`;
}

/** The server of the demo, in a process of its own. */
export class DemoServer {
  private constructor(
    readonly folder: string,
    private readonly port: number,
    private readonly child: ChildProcess,
  ) {}

  /** @throws Error with the server's message when it does not come to serve */
  static async start(folder: string): Promise<DemoServer> {
    const port = await freePort();
    writeFileSync(`${folder}/demo.conf`, configText(folder, port));
    const child = start(process.execPath, [program, '-p', folder, '-c', 'demo.conf'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const errors = gather(child.stderr);
    await until(
      () => answers(port),
      () => child.exitCode === null,
      () => `the server of the demo does not serve: ${errors.text}`,
    );
    return new DemoServer(folder, port, child);
  }

  get pid(): number {
    return this.child.pid as number;
  }

  url(mode: 'off' | 'on'): string {
    return `http://127.0.0.1:${this.port}/${mode}/test.dat`;
  }

  /** The log so far: one entry a response that has ended. */
  logged(): LoggedCalls[] {
    const lines = readFileSync(`${this.folder}/calls.log`, 'latin1').split('\n').slice(0, -1);
    return lines.map(line => {
      const [sendfile, pread, writev, eagain, bytes, body] = line.split(' ').map(Number);
      return { sendfile, pread, writev, eagain, bytes, body };
    });
  }

  /** Waits until the server sleeps: what it does after the last byte of a response is over then. */
  async isQuiet(): Promise<void> {
    let calm = 0;
    const isCalm = async () => {
      const text = readFileSync(`/proc/${this.pid}/stat`, 'latin1');
      calm = text[text.lastIndexOf(')') + 2] === 'S' ? calm + 1 : 0;
      return calm >= 3;
    };
    await until(
      isCalm,
      () => true,
      () => 'the server of the demo does not come to rest',
    );
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await ended(this.child);
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
