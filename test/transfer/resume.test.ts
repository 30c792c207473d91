import assert from 'node:assert/strict';
import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { Ends, type Listening } from './ends.js';

const mebi = 2 ** 20;

/** Ends a transfer of a file while it is under way, when at least so many bytes have come. */
async function breakOff(
  ends: Ends,
  name: string,
  receiver: Listening,
  bytes: number,
  args: readonly string[],
): Promise<void> {
  const run = ends.startSending([name], receiver, args);
  await ends.hasCome(name, bytes);
  run.child.kill('SIGINT');
  const { code, stderr } = await run.end;
  assert.equal(code, 130, stderr);
  assert.match(stderr, /with --resume, zerocopy send goes on/);
}

/** Changes bytes of a file at a place. */
function overwrite(path: string, offset: number, text: string): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, text, offset);
  closeSync(fd);
}

describe('--resume', { concurrency: 4 }, () => {
  const ends = new Ends();
  after(() => ends.clean());

  for (const [way, streams] of [
    ['--zero-copy', '1'],
    ['--no-zero-copy', '3'],
  ]) {
    test(`goes on where the sender was interrupted: ${way}, streams ${streams}`, async () => {
      const name = `interrupted${streams}`;
      ends.file(name, 9_000_001);
      const receiver = await ends.store(way);
      const args = [way, '--streams', streams];
      await breakOff(ends, name, receiver, mebi, [...args, '--rate', '1M']);
      assert.ok(!ends.stored.includes(name), 'the final name is taken');
      const { receiver: report } = await ends.sent([name], receiver, [...args, '--resume']);
      assert.ok(report.files[0].resumedFrom >= mebi, `${report.files[0].resumedFrom}`);
      assert.equal(report.bytes + report.files[0].resumedFrom, 9_000_001);
      ends.assertSame(name);
      assert.deepEqual(
        ends.stored.filter(each => each.includes(`${name}.zc`)),
        [],
      );
    });
  }

  test('goes on after the receiver was ended, with another one', async () => {
    ends.file('ended', 9_000_001);
    const first = await ends.store();
    const run = ends.startSending(['ended'], first, ['--rate', '1M']);
    await ends.hasCome('ended', mebi);
    first.run.child.kill('SIGTERM');
    const { code, stderr } = await run.end;
    assert.equal(code, 1);
    assert.match(stderr, /the receiver gave up: the receiver was ended by its user \(SIGTERM\)/);
    assert.equal((await first.run.end).code, 143);
    assert.match((await first.run.end).stderr, /of "ended" are kept/);
    const { receiver: report } = await ends.sent(['ended'], await ends.store(), ['--resume', '--streams', '2']);
    assert.ok(report.files[0].resumedFrom >= mebi);
    ends.assertSame('ended');
  });

  test('sends again what is not right of what is there, and only that', async () => {
    writeFileSync(ends.in('damaged'), 'begin');
    const size = 140 * mebi;
    truncateSync(ends.in('damaged'), size);
    const receiver = await ends.store();
    await breakOff(ends, 'damaged', receiver, 72 * mebi, ['--rate', '50M', '--checksum', 'none']);
    overwrite(ends.part('damaged'), 68 * mebi, 'wrong');
    const { receiver: report } = await ends.sent(['damaged'], receiver, ['--resume']);
    const [{ resumedFrom }] = report.files;
    // the first part is right, the second one is not
    assert.ok(resumedFrom >= 64 * mebi, `${resumedFrom}`);
    assert.equal(report.bytes + resumedFrom, size);
    assert.ok(report.bytes > 0);
    ends.assertSame('damaged');
  });

  test('begins anew where the source has changed, and says so', async () => {
    ends.file('changed', 9_000_001);
    const receiver = await ends.store();
    await breakOff(ends, 'changed', receiver, mebi, ['--rate', '1M']);
    ends.file('changed', 9_000_001, 7);
    const { receiver: report } = await ends.sent(['changed'], receiver, ['--resume']);
    assert.equal(report.files[0].resumedFrom, 0);
    assert.match(receiver.run.stderr, /"changed" begins anew: its source has another version/);
    ends.assertSame('changed');
  });

  test('of a file that is there already is done, whatever its name has been through', async () => {
    ends.file('done', 3_000_001);
    const receiver = await ends.store();
    await ends.sent(['done'], receiver);
    for (const checksum of ['xxh64', 'sha-256', 'none']) {
      const { sender, receiver: report } = await ends.sent(['done'], receiver, ['--resume', '--checksum', checksum]);
      assert.equal(sender.bytes, 0);
      assert.equal(report.files[0].resumedFrom, 3_000_001);
    }
    ends.file('none', 0);
    await ends.sent(['none'], receiver);
    await ends.sent(['none'], receiver, ['--resume']);
  });

  test('of another file of that name and size is refused, or replaces it', async () => {
    ends.file('other', 3_000_001, 1);
    const receiver = await ends.store();
    await ends.sent(['other'], receiver);
    overwrite(ends.in('other'), 2_000_000, 'x');
    const { code, stderr } = await ends.send(['other'], receiver, ['--resume']);
    assert.equal(code, 1);
    assert.match(stderr, /exists already/);
    await ends.sent(['other'], await ends.store('--overwrite'), ['--resume']);
    ends.assertSame('other');
  });

  test('where nothing is there sends all', async () => {
    ends.file('new', 1000);
    const { receiver: report } = await ends.sent(['new'], await ends.store(), ['--resume']);
    assert.equal(report.files[0].resumedFrom, 0);
    ends.assertSame('new');
  });

  test('is not done without being asked for', async () => {
    ends.file('unasked', 9_000_001);
    const receiver = await ends.store();
    await breakOff(ends, 'unasked', receiver, mebi, ['--rate', '1M']);
    const { receiver: report } = await ends.sent(['unasked'], receiver);
    assert.equal(report.bytes, 9_000_001);
    ends.assertSame('unasked');
  });

  test('survives a state that is no state', async () => {
    ends.file('garbled', 9_000_001);
    const receiver = await ends.store();
    await breakOff(ends, 'garbled', receiver, mebi, ['--rate', '1M']);
    writeFileSync(ends.out('.garbled.zc-state'), '{"ranges": [[0, 9');
    await ends.sent(['garbled'], receiver, ['--resume']);
    ends.assertSame('garbled');
  });
});
