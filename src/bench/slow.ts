/** `npm run bench:slow`: thousands of slow downloads at once, and what they cost the worker in memory and descriptors. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import type { SlowResult } from '../tools/slow-client.js';
import { uris } from './configuration.js';
import { makeWorkplace, type Workplace } from './files.js';
import { Peer } from './peers.js';

const clientProgram = fileURLToPath(new URL('../tools/slow-client.js', import.meta.url));

/** How one path has stood it. */
interface SlowReport extends SlowResult {
  readonly path: string;
  readonly clients: number;
  readonly seconds: number;
  /** Resident memory of the worker, MB: before, and the most while they were connected. */
  readonly memoryBefore: number;
  readonly memoryMost: number;
  /** Open descriptors of the worker: before, while they were connected, and after they have gone. */
  readonly descriptorsBefore: number;
  readonly descriptorsMost: number;
  readonly descriptorsAfter: number;
}

const options = await yargs(hideBin(process.argv))
  .scriptName('npm run bench:slow --')
  .usage('$0 [options]\n\nMany slow downloads of a 100 MB file at once, with sendfile on and off.')
  .option('clients', { type: 'number', default: 2000, describe: 'Downloads at once' })
  .option('seconds', { type: 'number', default: 60, describe: 'How long they go on' })
  .option('pace', { type: 'number', default: 64 * 1024, describe: 'Bytes a second that each client takes' })
  .option('json', { type: 'boolean', default: false, describe: 'Print the figures as JSON' })
  .check(({ clients, seconds, pace }) =>
    [clients, seconds, pace].every(value => value >= 1) ? true : 'Numbers must be at least 1.',
  )
  .version(false)
  .strict()
  .parse();

function residentMegabytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(match?.[1]) / 1024;
}

function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

async function measure(path: string, uri: string, place: Workplace, signal: AbortSignal): Promise<SlowReport> {
  const { clients, seconds, pace } = options;
  const peer = await Peer.start('zerocopy', '', place, signal);
  try {
    const memoryBefore = residentMegabytes(peer.worker);
    const descriptorsBefore = await steady(peer.worker);
    let memoryMost = memoryBefore;
    let descriptorsMost = descriptorsBefore;
    const look = setInterval(() => {
      memoryMost = Math.max(memoryMost, residentMegabytes(peer.worker));
      descriptorsMost = Math.max(descriptorsMost, descriptors(peer.worker));
    }, 250);
    const result = await runClients([peer.port, uri, clients, pace, seconds].map(String), signal);
    clearInterval(look);
    const descriptorsAfter = await settled(peer.worker, descriptorsBefore);
    const figures = { memoryBefore, memoryMost, descriptorsBefore, descriptorsMost, descriptorsAfter };
    return { path, clients, seconds, ...result, ...figures };
  } finally {
    await peer.stop();
  }
}

async function runClients(args: readonly string[], signal: AbortSignal): Promise<SlowResult> {
  const child = spawn(process.execPath, [clientProgram, ...args], { stdio: ['ignore', 'pipe', 'inherit'], signal });
  let output = '';
  child.stdout.on('data', text => {
    output += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the clients ended with code ${code}`);
  if (!output.startsWith('connected\n')) throw new Error('not all clients have got their first bytes');
  return JSON.parse(output.slice('connected\n'.length)) as SlowResult;
}

/** The worker's descriptors once their number stands still: the connection that asked whether it serves has to go first. */
async function steady(pid: number): Promise<number> {
  for (let last = -1; ; ) {
    const count = descriptors(pid);
    if (count === last) return count;
    last = count;
    await sleep(300);
  }
}

/** The worker's descriptors once it has closed those of the clients that left; at the latest after some seconds. */
async function settled(pid: number, expected: number): Promise<number> {
  for (let tries = 0; tries < 50 && descriptors(pid) > expected; tries++) await sleep(100);
  return descriptors(pid);
}

function describe(one: SlowReport): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  const memory = `memory of the worker ${one.memoryBefore.toFixed(0)} MB, at most ${one.memoryMost.toFixed(0)} MB with them`;
  const files = `descriptors ${one.descriptorsBefore}, ${one.descriptorsMost} with them, ${one.descriptorsAfter} after`;
  return [
    `${one.path}: ${one.alive} of ${one.clients} downloads alive after ${one.seconds} s`,
    `  ${megabytes(one.total / one.seconds)} MB/s in all; each client ${megabytes(one.least)} to ${megabytes(one.most)} MB`,
    `  ${memory}; ${files}`,
    '',
  ].join('\n');
}

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort());

const place = makeWorkplace();
try {
  const reports: SlowReport[] = [];
  for (const [path, uri] of [
    ['sendfile on', uris.sendfileOn],
    ['sendfile off', uris.sendfileOff],
  ] as const) {
    const report = await measure(path, uri, place, interrupt.signal);
    reports.push(report);
    if (!options.json) process.stdout.write(describe(report));
  }
  if (options.json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
  if (reports.some(one => one.alive < one.clients || one.descriptorsAfter > one.descriptorsBefore))
    process.exitCode = 1;
} catch (error) {
  process.stderr.write(`bench: ${interrupt.signal.aborted ? 'interrupted' : (error as Error).message}\n`);
  process.exitCode = interrupt.signal.aborted ? 130 : 1;
} finally {
  rmSync(place.prefix, { recursive: true, force: true });
}
