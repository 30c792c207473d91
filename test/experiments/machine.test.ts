import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheSizes, diskReadsOf, fileSystemOf, machineReport, memoryOf } from '../../src/experiments/machine.js';
import { roughSize, trim } from '../../src/experiments/units.js';
import { sizeText } from '../../src/tools/words.js';

const mounts = `22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 22 0:26 / /tmp rw,nosuid - tmpfs tmpfs rw
31 22 8:17 / /mnt/two\\040words rw - xfs /dev/sdb1 rw
32 22 0:40 / /srv rw - nfs4 host:/export rw
33 32 8:33 / /srv rw - btrfs /dev/sdc1 rw
`;

test('the file system of a folder is that of the longest mount point above it, the last one of several', () => {
  const cases: [folder: string, type: string, source: string][] = [
    ['/', 'ext4', '/dev/vda1'],
    ['/home/me', 'ext4', '/dev/vda1'],
    ['/tmp', 'tmpfs', 'tmpfs'],
    ['/tmp/deep/down', 'tmpfs', 'tmpfs'],
    ['/tmpfiles', 'ext4', '/dev/vda1'],
    ['/mnt/two words/x', 'xfs', '/dev/sdb1'],
    ['/srv/x', 'btrfs', '/dev/sdc1'],
  ];
  for (const [folder, type, source] of cases) assert.deepEqual(fileSystemOf(folder, mounts), { type, source }, folder);
});

test('the machine is named', () => {
  const { cpu, cores, memory, kernel, node, congestionControl } = machineReport();
  assert.ok(cpu !== '' && cores >= 1 && memory > 2 ** 27);
  assert.match(kernel, /^Linux \d/);
  assert.equal(node, process.version);
  assert.match(congestionControl, /^\w+$/);
  assert.ok(memoryOf('MemAvailable') > 0);
  assert.ok(diskReadsOf(process.pid) >= 0);
  assert.equal(diskReadsOf(2 ** 30), 0);
  for (const { level, bytes } of cacheSizes()) assert.ok(level >= 1 && bytes >= 1024);
});

test('sizes', () => {
  for (const [bytes, text] of [
    [131_072, '128k'],
    [10 * 2 ** 30, '10G'],
    [1000, '1000'],
    [1.5 * 2 ** 20, '1536k'],
  ] as const) {
    assert.equal(sizeText(bytes), text);
  }
  assert.equal(roughSize(76.3 * 2 ** 30), '76.3 GB');
  assert.equal(roughSize(512), '512 B');
  assert.deepEqual([0.09312, 2.0849, 51.49, 1240.4, 0].map(trim), ['0.0931', '2.08', '51.5', '1240', '0']);
});
