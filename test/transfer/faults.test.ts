import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { connect } from 'node:net';
import { after, describe, type TestContext, test } from 'node:test';
import { assertServes, Ends, until } from './ends.js';
import { listen } from './strangers.js';

const mebi = 2 ** 20;

function changeByte(path: string, offset: number): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, 'X', offset);
  closeSync(fd);
}

/** A disk of 4 MiB, for as long as the test lasts; undefined where there can be none, and the test is skipped. */
function smallDisk(ends: Ends, t: TestContext): string | undefined {
  const disk = mkdtempSync(`${ends.folder}/disk-`);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { stdio: 'pipe' });
  } catch (error) {
    t.skip(`no disk of its own: ${error}`);
    return undefined;
  }
  // lazily: the receiver may still have a file there open
  t.after(() => execFileSync('umount', ['-l', disk]));
  return disk;
}

describe('what cannot be stored', { concurrency: 4 }, () => {
  const ends = new Ends();
  after(() => ends.clean());

  test('because the disk has no room: both ends say so, and nothing bears the name', async t => {
    const disk = smallDisk(ends, t);
    if (disk === undefined) return;
    ends.file('too-large', 8 * mebi);
    const receiver = await ends.receive(['--dir', disk, '--once']);
    const { code, stderr } = await ends.send(['too-large'], receiver);
    assert.equal(code, 1);
    assert.match(stderr, /the receiver gave up: the disk has no room/);
    const own = await receiver.run.end;
    assert.equal(own.code, 1);
    assert.match(own.stderr, /the disk has no room/);
    assert.deepEqual(readdirSync(disk), []);
  });

  for (const way of ['--zero-copy', '--no-zero-copy']) {
    test(`because the disk is full by now: what has come is kept (${way})`, async t => {
      const disk = smallDisk(ends, t);
      if (disk === undefined) return;
      const name = `filled${way}`;
      ends.file(name, 3 * mebi);
      const receiver = await ends.receive(['--dir', disk, way]);
      const run = ends.startSending([name], receiver, ['--rate', '1M']);
      const part = `${disk}/.${name}.zc-part`;
      await until(() => existsSync(`${disk}/.${name}.zc-state`), 'some of it has come');
      // somebody else takes the room that was kept for it
      const { size } = statSync(part);
      truncateSync(part, Math.floor(size / 2));
      assert.throws(() => writeFileSync(`${disk}/other`, Buffer.alloc(4 * mebi)), { code: 'ENOSPC' });
      const { code, stderr } = await run.end;
      assert.equal(code, 1);
      assert.match(stderr, /the receiver gave up: .*No space left on device\): the disk is full/);
      await until(() => receiver.run.stderr.includes('are kept'), 'what has come is kept');
      assert.deepEqual(readdirSync(disk).sort(), [`.${name}.zc-part`, `.${name}.zc-state`, 'other']);
      rmSync(`${disk}/other`);
      await ends.sent([name], receiver, ['--resume']);
      assert.ok(readFileSync(`${disk}/${name}`).equals(readFileSync(ends.in(name))));
    });
  }

  test('because of a limit: the receiver goes on', async () => {
    ends.file('beyond', 3 * mebi);
    // SIGXFSZ would end the process before write could fail (setrlimit(2))
    const receiver = await ends.receive(['--dir', ends.out()], `trap '' XFSZ; ulimit -f 1024`);
    const { code, stderr } = await ends.send(['beyond'], receiver);
    assert.equal(code, 1);
    assert.match(stderr, /the receiver gave up: .*(File too large|larger than)/);
    assert.ok(!ends.stored.includes('beyond'));
    await assertServes(ends, receiver, 'within');
  });

  test('because the folder is gone', async () => {
    mkdirSync(`${ends.folder}/moving`);
    const receiver = await ends.receive(['--dir', `${ends.folder}/moving`]);
    renameSync(`${ends.folder}/moving`, `${ends.folder}/moved`);
    ends.file('homeless', 1000);
    const { code, stderr } = await ends.send(['homeless'], receiver);
    assert.equal(code, 1);
    assert.match(stderr, /the receiver gave up: there is no folder/);
  });

  test('because bytes were changed on their way: --resume sends them again', async () => {
    ends.file('altered', 3 * mebi);
    const receiver = await ends.store();
    const { server, address } = await alteringProxy(receiver.port, mebi);
    for (const checksum of ['xxh64', 'sha-256']) {
      const { code, stderr } = await ends.send(['altered'], { address }, ['--checksum', checksum]);
      assert.equal(code, 1);
      assert.match(
        stderr,
        new RegExp(`"altered" has not arrived as it was sent: its ${checksum} is [0-9a-f]+ here, and`),
      );
      assert.ok(!ends.stored.includes('altered'));
    }
    server.close();
    await ends.sent(['altered'], receiver, ['--resume']);
    ends.assertSame('altered');
  });
});

/** Hands on what comes, but for one byte of each data connection, which it changes. */
function alteringProxy(port: number, place: number): ReturnType<typeof listen> {
  return listen(socket => {
    const upstream = connect(port, '127.0.0.1');
    let count = 0;
    let isData = false;
    socket.on('data', part => {
      if (count === 0) isData = part.latin1Slice(0, 15) === 'zerocopy/1 data';
      const at = place - count;
      if (isData && at >= 0 && at < part.length) part[at] ^= 1;
      count += part.length;
      upstream.write(part);
    });
    socket.on('end', () => upstream.end());
    socket.on('close', () => upstream.destroy());
    upstream.on('error', () => socket.destroy());
    upstream.pipe(socket);
  });
}

describe('a source that', { concurrency: 4 }, () => {
  const ends = new Ends();
  after(() => ends.clean());

  for (const way of ['--zero-copy', '--no-zero-copy']) {
    test(`shrinks while it is sent ends the transfer (${way})`, async () => {
      const name = `shrinks${way}`;
      ends.file(name, 8 * mebi);
      const receiver = await ends.store();
      const run = ends.startSending([name], receiver, [way, '--rate', '2M']);
      await ends.hasCome(name, mebi);
      truncateSync(ends.in(name), mebi);
      const { code, stderr } = await run.end;
      assert.equal(code, 1);
      assert.match(stderr, /ends at byte \d+: it has become shorter while it was sent/);
      await until(() => receiver.run.stderr.includes('the sender gave up'), 'the receiver is told');
      assert.match(receiver.run.stderr, /the sender gave up: .*shorter/);
      assert.ok(!ends.stored.includes(name));
    });
  }

  test('grows is sent as it was offered', async () => {
    const before = readFileSync(ends.file('grows', 6 * mebi));
    const receiver = await ends.store();
    const run = ends.startSending(['grows'], receiver, ['--rate', '2M']);
    await ends.hasCome('grows', 1);
    appendFileSync(ends.in('grows'), 'more');
    const { code, stderr } = await run.end;
    assert.equal(code, 0, stderr);
    assert.ok(readFileSync(ends.out('grows')).equals(before));
  });

  test('is written to ends the transfer', async () => {
    ends.file('written', 6 * mebi);
    const receiver = await ends.store();
    const run = ends.startSending(['written'], receiver, ['--rate', '2M']);
    await ends.hasCome('written', 1);
    changeByte(ends.in('written'), 5);
    const { code, stderr } = await run.end;
    assert.equal(code, 1);
    assert.match(stderr, /was written to while it was sent/);
    assert.ok(!ends.stored.includes('written'));
  });

  test('is replaced under its name is sent as it was', async () => {
    const before = readFileSync(ends.file('replaced', 6 * mebi));
    const receiver = await ends.store();
    const run = ends.startSending(['replaced'], receiver, ['--rate', '2M']);
    await ends.hasCome('replaced', 1);
    writeFileSync(ends.in('next'), 'another one');
    renameSync(ends.in('next'), ends.in('replaced'));
    const { code, stderr } = await run.end;
    assert.equal(code, 0, stderr);
    assert.ok(readFileSync(ends.out('replaced')).equals(before));
  });

  const none: readonly (readonly [what: string, path: string, says: RegExp])[] = [
    ['is not there', 'nothing', /there is no file "nothing"/],
    ['is a folder', 'in', /"in" is a folder/],
    ['is a device', '/dev/null', /is no ordinary file/],
  ];
  for (const [what, path, says] of none) {
    test(`${what} is told before anything is sent`, async () => {
      ends.file('good', 10);
      // nobody listens there
      const { code, stderr } = await ends.start(['send', ends.in('good'), path, '127.0.0.1:1']).end;
      assert.equal(code, 1);
      assert.match(stderr, says);
    });
  }
});
