/** Files that are there already, transfers that are ended before anything came, and disks that are full. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { until } from '../cli/program.js';
import { noise } from '../server/harness.js';
import { FetchBench, type Handler, longAgo } from './fetch-support.js';

let bench: FetchBench;
beforeEach(() => {
  bench = new FetchBench();
});
afterEach(() => bench.clean());

const body = noise(8_000_000, 1);
const file = { body, etag: '"a"' };

describe('is ended at once', () => {
  const silent: Handler = () => {};
  const busy: Handler = (_, response) => {
    response.writeHead(503, { 'retry-after': '100' }).end();
  };
  for (const [name, handler] of [
    ['while it waits for an answer', silent],
    ['while it waits for the next try', busy],
  ] as const) {
    test(name, async () => {
      const site = await bench.site(handler);
      const run = bench.start(['fetch', '--dir', bench.got, site.url()]);
      await until(() => site.seen.length > 0 && (handler === silent || run.stderr.includes('again in')), 'it waits');
      run.child.kill('SIGINT');
      const { code, stderr } = await run.end;
      assert.equal(code, 130);
      assert.match(stderr, /ended by its user \(SIGINT\)\n$/);
      assert.deepEqual(bench.names(), []);
    });
  }
});

describe('a file that is there already', () => {
  const there = (bytes: Buffer, modified: string) => {
    writeFileSync(`${bench.got}/scan.bin`, bytes);
    const seconds = Date.parse(modified) / 1000;
    utimesSync(`${bench.got}/scan.bin`, seconds, seconds);
  };

  test('is left as it is, where it is as large as at the server and not older', async () => {
    const site = await bench.site({ ...file, lastModified: longAgo });
    await bench.fetches(site.url());
    const { stderr } = await bench.fetches(site.url(), '--resume');
    assert.match(stderr, /is there already, as large as at the server and not older/);
    there(body, 'Sat, 01 Jan 2000 00:00:00 GMT');
    await bench.fetches(site.url(), '--resume');
    bench.holds(body);
  });

  test('is refused where it is older, or of another size; --overwrite replaces it', async () => {
    const site = await bench.site({ ...file, lastModified: longAgo });
    for (const [bytes, modified] of [
      [body, 'Sat, 01 Jan 1994 00:00:00 GMT'],
      [body.subarray(1), longAgo],
    ] as const) {
      there(bytes, modified);
      assert.match((await bench.fails(site.url(), '--resume')).stderr, /exists already: --overwrite replaces it/);
    }
    await bench.fetches(site.url(), '--resume', '--overwrite');
    bench.holds(body);
  });

  test('has its checksum looked at', async () => {
    const site = await bench.site({ ...file, lastModified: longAgo });
    await bench.fetches(site.url());
    const { stderr } = await bench.fails(site.url(), '--resume', '--checksum', 'xxh64=0123456789abcdef');
    assert.match(stderr, /the checksum of ".*scan\.bin" is [0-9a-f]{16}, and not 0123456789abcdef/);
  });
});

describe('a disk that is full', { skip: process.getuid?.() !== 0 && 'only root can mount a file system' }, () => {
  let disk: string;
  beforeEach(() => {
    disk = `${bench.folder}disk`;
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
  });
  afterEach(() => execFileSync('umount', [disk]));

  test('is seen before the first byte', async () => {
    const site = await bench.site(file);
    const { code, stderr } = await bench.run(['fetch', site.url(), '--dir', disk]);
    assert.equal(code, 1);
    assert.match(stderr, /the disk has no room for ".*scan\.bin": it needs 8,000,000 .* and 4,194,304 /);
    assert.ok(!existsSync(`${disk}/scan.bin`));
  });

  for (const way of ['--zero-copy', '--no-zero-copy']) {
    test(`and shows when the size is not known, with ${way}`, async () => {
      const site = await bench.site((_, response) => {
        response.useChunkedEncodingByDefault = false;
        response.shouldKeepAlive = false;
        response.writeHead(200, { etag: '"a"' }).end(body);
      });
      const { code, stderr } = await bench.run(['fetch', site.url(), '--dir', disk, way]);
      assert.equal(code, 1);
      assert.match(stderr, /failed \(28: No space left on device\): the disk is full/);
      assert.ok(!existsSync(`${disk}/scan.bin`));
    });
  }
});
