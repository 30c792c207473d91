/** Runs real senders and receivers in a folder of their own. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseState } from '../../src/transfer/part/state.js';
import { RangeSet } from '../../src/transfer/ranges.js';
import type { TransferReport } from '../../src/transfer/report.js';
import { type Finished, Run } from '../cli/program.js';
import { noise } from '../server/harness.js';

const program = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
/** Of a busy machine. */
const patience = 60_000;

/** A receiver that listens. */
export interface Listening {
  readonly run: Run;
  readonly port: number;
  readonly address: string;
}

/** A folder with `in` for what is sent and `out` for what arrives, and the programs that were started: all gone after `clean`. */
export class Ends {
  readonly folder = mkdtempSync(`${tmpdir()}/zerocopy-ends-`);
  private readonly runs: Run[] = [];

  constructor() {
    mkdirSync(this.in());
    mkdirSync(this.out());
  }

  in(name = ''): string {
    return `${this.folder}/in/${name}`;
  }

  out(name = ''): string {
    return `${this.folder}/out/${name}`;
  }

  /** The temporary name of a file that arrives. */
  part(name: string): string {
    return this.out(`.${name}.zc-part`);
  }

  /** Makes a file to send, of bytes that look random. */
  file(name: string, size: number, seed = size): string {
    writeFileSync(this.in(name), noise(size, seed));
    return this.in(name);
  }

  /** All names in `out`, the temporary ones among them. */
  get stored(): string[] {
    return readdirSync(this.out()).sort();
  }

  start(args: readonly string[], shell = ''): Run {
    const words = [process.execPath, program, ...args];
    const child =
      shell === ''
        ? spawn(words[0], words.slice(1), { cwd: this.folder })
        : spawn('bash', ['-c', `${shell}; exec "$@"`, 'bash', ...words], { cwd: this.folder });
    const run = new Run(child);
    this.runs.push(run);
    return run;
  }

  /** Starts a receiver on a free port, with --json; waits until it listens. @param shell what a shell does before */
  async receive(args: readonly string[], shell = ''): Promise<Listening> {
    const run = this.start(['receive', '--listen', '127.0.0.1:0', '--json', ...args], shell);
    await until(() => run.stderr.includes('\n') || run.child.exitCode !== null, 'the receiver listens');
    const [line] = run.stderr.split('\n');
    assert.match(line, /^\{"listening"/, run.stderr);
    const { port } = (JSON.parse(line) as { listening: { port: number } }).listening;
    return { run, port, address: `127.0.0.1:${port}` };
  }

  /** A receiver that stores in `out`. */
  store(...args: string[]): Promise<Listening> {
    return this.receive(['--dir', this.out(), ...args]);
  }

  /** Starts a sender, with --json. */
  startSending(names: readonly string[], to: { readonly address: string }, args: readonly string[] = []): Run {
    return this.start(['send', ...names.map(name => this.in(name)), to.address, '--json', ...args]);
  }

  /** Sends files to the end. */
  send(names: readonly string[], to: { readonly address: string }, args: readonly string[] = []): Promise<Finished> {
    return this.startSending(names, to, args).end;
  }

  /** Sends files, which must succeed. */
  async sent(names: readonly string[], to: Listening, args: readonly string[] = []): Promise<Required<TransferReport>> {
    const { code, stdout, stderr } = await this.send(names, to, args);
    assert.equal(code, 0, `${stderr}\n${to.run.stderr}`);
    return JSON.parse(stdout) as Required<TransferReport>;
  }

  /** That a file has arrived as it was. */
  assertSame(name: string, stored = name): void {
    assert.ok(existsSync(this.out(stored)), `${stored} is not there`);
    assert.ok(readFileSync(this.in(name)).equals(readFileSync(this.out(stored))), `${stored} is another file`);
  }

  /** Waits until so many bytes of a file have come. */
  async hasCome(name: string, bytes: number): Promise<void> {
    // the room for a file is taken at once, so its size says nothing
    await until(() => comeUpTo(this.out(`.${name}.zc-state`)) >= bytes, `${bytes} bytes of ${name} have come`);
  }

  async clean(): Promise<void> {
    for (const { child } of this.runs) if (child.exitCode === null) child.kill('SIGKILL');
    await Promise.all(this.runs.map(({ end }) => end));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** How many bytes the state of a file says are there; 0 where there is none yet. */
function comeUpTo(state: string): number {
  if (!existsSync(state)) return 0;
  return new RangeSet(parseState(readFileSync(state, 'utf8'))?.ranges).bytes;
}

export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + patience;
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, `waited in vain: ${what}`);
    await sleep(10);
  }
}

/** That the receiver is as it was: it takes a file. */
export async function assertServes(ends: Ends, receiver: Listening, name: string): Promise<void> {
  ends.file(name, 1000);
  await ends.sent([name], receiver);
  ends.assertSame(name);
}
