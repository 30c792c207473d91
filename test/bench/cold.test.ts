import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SlowStore, treeOf } from '../../src/bench/cold/slow-store.js';

const program = fileURLToPath(new URL('../../src/bench/cold.js', import.meta.url));
const run = promisify(execFile);

/** Why the disk here cannot be slowed down; false where it can. */
function whyNot(): string | false {
  try {
    new SlowStore(tmpdir(), 1e6).remove();
    return false;
  } catch (error) {
    return (error as Error).message;
  }
}

test('a small file beside cold ones: a line for each way, with its ratio', { skip: whyNot() }, async () => {
  const args = [
    program,
    '--rounds',
    '1',
    '--seconds',
    '0.5',
    '--rate',
    '20m',
    '--clients',
    '3',
    '--only',
    'zerocopy-threads',
  ];
  const { stdout } = await run(process.execPath, args);
  assert.match(stdout, /^Disk: 20mB\/s; times in ms$/m);
  assert.match(stdout, /^zerocopy +sendfile on +aio threads( +\d+(\.\d+)?){6} +(within|OVER) 3$/m);
  assert.doesNotMatch(stdout, /aio off|nginx/);
});

test('which cgroups disks are slowed down by', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zerocopy-test-'));
  const v2 = (controllers: string) => {
    writeFileSync(join(folder, 'cgroup.controllers'), `${controllers}\n`);
    return `cgroup2 ${folder} cgroup2 rw,nosuid 0 0\n`;
  };
  const v1 = 'cgroup /x/cpu cgroup rw,cpu 0 0\nblkio /x/blkio cgroup rw,relatime,blkio 0 0\n';
  try {
    assert.deepEqual(treeOf(`/dev/vda / ext4 rw 0 0\n${v2('cpuset cpu io memory')}`), { folder, version: 2 });
    assert.deepEqual(treeOf(`${v1}${v2('cpu io')}`), { folder, version: 2 });
    // as systemd has it where it has both: version 2 has no disks
    assert.deepEqual(treeOf(`${v1}${v2('hugetlb')}`), { folder: '/x/blkio', version: 1 });
    assert.throws(() => treeOf(v2('')), /no cgroups for it/);
    assert.throws(() => treeOf('/dev/vda / ext4 rw 0 0\n'), /no cgroups for it/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a rate that is none', async () => {
  await assert.rejects(run(process.execPath, [program, '--rate', 'fast']), /Give a rate/);
});
