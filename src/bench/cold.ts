/**
 * `npm run bench:cold`: how long a client waits for a small file that is in the page cache, while others stream large ones that are not,
 * from a slow disk. This server and nginx, with `aio off` and with `aio threads`.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, fdatasyncSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { fadvise, POSIX_FADV_DONTNEED } from '../../native/file.js';
import { parseOffset } from '../conf/values.js';
import { endOnSignals } from '../tools/children.js';
import { describeMachine } from '../tools/machine.js';
import { type ColdSample, type ColdSettings, measure, quantileOf, type Variant, variants } from './cold/measure.js';
import { SlowStore } from './cold/slow-store.js';
import { machineLine } from './machine-line.js';

const small = { name: '1k.bin', size: 1024 };
/** Milliseconds between two requests for it. */
const interval = 2;
/** Those with threads are to stay below this multiple of their own idle p99. */
const allowed = 3;

const options = await yargs(hideBin(process.argv))
  .scriptName('npm run bench:cold --')
  .usage('$0 [options]\n\nA small cached file, while large uncached ones are streamed from a slow disk. As root.')
  .option('clients', { type: 'number', default: 8, describe: 'Clients that stream' })
  .option('rate', { type: 'string', default: '40m', describe: 'Bytes a second that the disk gives' })
  .option('seconds', { type: 'number', default: 5, describe: 'Of each measurement' })
  .option('rounds', { type: 'number', default: 3, describe: 'Measurements of each server' })
  .option('only', { type: 'string', default: '', describe: 'Of the servers, those whose names begin so' })
  .option('json', { type: 'boolean', default: false, describe: 'Print the figures as JSON' })
  .check(({ clients, rate, seconds, rounds }) =>
    parseOffset(rate) && clients >= 1 && seconds > 0 && rounds >= 1 ? true : 'Give a rate such as 40m, and numbers.',
  )
  .version(false)
  .strict()
  .parse();

/** Writes random bytes to a file, and to the disk. */
function write(path: string, size: number): void {
  const fd = openSync(path, 'w');
  spawnSync('head', ['-c', `${size}`, '/dev/urandom'], { stdio: ['ignore', fd, 'inherit'] });
  fdatasyncSync(fd);
  closeSync(fd);
}

function drop(path: string): void {
  const fd = openSync(path, 'r');
  fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  closeSync(fd);
}

function makeFiles(folder: string, rate: number): ColdSettings {
  const root = `${folder}files`;
  mkdirSync(root);
  chmodSync(root, 0o755);
  writeFileSync(`${root}/${small.name}`, Buffer.alloc(small.size, 'x'));
  // twice what the disk gives in the time: no stream is to come to its end
  const size = Math.ceil((2 * rate * (options.seconds + 1)) / options.clients);
  const streams = Array.from({ length: options.clients }, (_, at) => `stream-${at}.bin`);
  for (const name of streams) write(`${root}/${name}`, size);
  return {
    place: { folder, root, sign: small },
    streams,
    interval,
    seconds: options.seconds,
    drop: () => {
      for (const name of streams) drop(`${root}/${name}`);
    },
  };
}

interface Row extends Omit<Variant, 'kind'> {
  readonly name: string;
  readonly samples: readonly ColdSample[];
}

const milliseconds = (value: number) => value.toFixed(value < 10 ? 2 : 0).padStart(9);

function rowText({ server, sendfile, threads, samples }: Row): string {
  const [idle, busy] = [samples.map(each => each.idle), samples.map(each => each.busy)];
  const [idle99, busy99] = [quantileOf(idle, 0.99), quantileOf(busy, 0.99)];
  const rate = samples.reduce((sum, each) => sum + each.rate, 0) / samples.length;
  return [
    `${server.padEnd(9)} sendfile ${sendfile ? 'on ' : 'off'}  aio ${threads ? 'threads' : 'off    '}`,
    ...[idle99, quantileOf(busy, 0.5), busy99, quantileOf(busy, 1)].map(milliseconds),
    (busy99 / idle99).toFixed(1).padStart(8),
    (rate / 1e6).toFixed(0).padStart(8),
    threads && server === 'zerocopy' ? (busy99 <= allowed * idle99 ? '  within 3' : '  OVER 3') : '',
  ].join('');
}

const heading = `${''.padEnd(36)} idle p99      p50      p99      max   ratio    MB/s\n`;

endOnSignals();
const folder = `${mkdtempSync(`${tmpdir()}/zerocopy-bench-cold-`)}/`;
let store: SlowStore | undefined;
process.on('exit', () => {
  store?.remove();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});
try {
  chmodSync(folder, 0o755);
  const rate = parseOffset(options.rate)!;
  store = new SlowStore(folder, rate);
  const settings = makeFiles(folder, rate);
  const rows = variants
    .filter(({ kind }) => kind.find() !== undefined && kind.name.startsWith(options.only))
    .map(({ kind, ...rest }) => ({ ...rest, kind, name: kind.name, samples: [] as ColdSample[] }));
  for (let round = 0; round < options.rounds; round++) {
    for (const row of rows) {
      const program = row.kind.find() as string;
      row.samples.push(await measure(row, program, store, settings, new AbortController().signal));
    }
  }
  await store.close();
  const results: Row[] = rows.map(({ kind, ...row }) => row);
  const text = `${machineLine(describeMachine())}\nDisk: ${options.rate}B/s; times in ms\n${heading}${results.map(rowText).join('\n')}\n`;
  process.stdout.write(options.json ? `${JSON.stringify(results, null, 2)}\n` : text, () => process.exit());
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exit(1);
}
