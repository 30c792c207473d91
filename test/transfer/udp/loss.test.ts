/** Datagrams that get lost, come late or twice: what the receiver counts, exactly. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TransferReport, UdpFigures } from '../../../src/transfer/report.js';
import { Ends, type Listening } from '../ends.js';
import { Relay, type Script } from './relay.js';
import { withEnds } from './with-ends.js';

/** 200 bytes of payload: small, so that a socket buffer of any size holds all of them. */
const payload = 200;
const datagrams = 120;
const options = ['--udp', '--datagram-size', `${payload + 40}`, '--rate', '1M'];

/** Holds back one datagram, and sends it on behind the next. */
function swapping(which: (index: number) => boolean): Script {
  let held: Buffer | null = null;
  return (datagram, index) => {
    if (which(index)) {
      held = datagram;
      return [];
    }
    const both = held === null ? [datagram] : [datagram, held];
    held = null;
    return both;
  };
}

/** Sends the file "f" to a receiver, by way of a script. */
async function through(script: Script, ends: Ends, to: Listening): Promise<Required<TransferReport>> {
  const relay = await Relay.to(to.port, script);
  const { code, stdout, stderr } = await ends.send(['f'], relay, options);
  await relay.close();
  assert.equal(code, 0, `${stderr}\n${to.run.stderr}`);
  return JSON.parse(stdout) as Required<TransferReport>;
}

/** The same to a store of its own. */
function throughToStore(script: Script, use: (reports: Required<TransferReport>, ends: Ends) => void): Promise<void> {
  return withEnds(async ends => {
    ends.file('f', datagrams * payload);
    use(await through(script, ends, await ends.store()), ends);
  });
}

/** The figures that do not depend on time. */
function counts({ sent, received, lost, outOfOrder, duplicates, lossPercent, socketDrops, strangers }: UdpFigures) {
  return { sent, received, lost, outOfOrder, duplicates, lossPercent, socketDrops, strangers };
}

const nothing = { sent: datagrams, received: datagrams, lost: 0, outOfOrder: 0, duplicates: 0, lossPercent: 0 };
const clean = { ...nothing, socketDrops: 0, strangers: 0 };

type Scene = readonly [what: string, script: () => Script, expected: Partial<UdpFigures>];

const scenes: readonly Scene[] = [
  ['nothing happens', () => datagram => [datagram], {}],
  [
    'each tenth is lost',
    () => (datagram, index) => (index % 10 === 3 ? [] : [datagram]),
    { received: 108, lost: 12, lossPercent: 10 },
  ],
  [
    'the first and the last are lost',
    () => (datagram, index) => (index === 0 || index === datagrams - 1 ? [] : [datagram]),
    { received: 118, lost: 2, lossPercent: (2 / 120) * 100 },
  ],
  [
    'half of them are lost, in one go',
    () => (datagram, index) => (index >= 30 && index < 90 ? [] : [datagram]),
    { received: 60, lost: 60, lossPercent: 50 },
  ],
  ['neighbours change places', () => swapping(index => index % 4 === 0), { outOfOrder: 30 }],
  [
    'each eighth comes twice',
    () => (datagram, index) => (index % 8 === 5 ? [datagram, datagram] : [datagram]),
    { duplicates: 15 },
  ],
  [
    'one comes three times, and last of all',
    () => {
      const late: Buffer[] = [];
      return (datagram, index) => {
        if (index !== 7) return index === datagrams - 1 ? [datagram, ...late] : [datagram];
        late.push(datagram, datagram, datagram);
        return [];
      };
    },
    { outOfOrder: 1, duplicates: 2 },
  ],
  ['none arrives', () => () => [], { received: 0, lost: datagrams, lossPercent: 100 }],
  [
    'foreign datagrams come in between',
    () => (datagram, index) => {
      if (index % 10 > 0) return [datagram];
      const other = Buffer.from(datagram);
      // another token, another beginning, a place beyond the file's end, too short, nothing at all, far too long
      if (index === 0) other[8] ^= 1;
      if (index === 10) other[0] ^= 1;
      if (index === 20) other.writeUInt32LE(datagrams * payload - payload + 1, 24);
      if (index === 30) return [datagram, datagram.subarray(0, 40)];
      if (index === 40) return [datagram, Buffer.alloc(0)];
      if (index === 50) return [datagram, Buffer.concat([datagram, Buffer.alloc(1000)])];
      return index > 50 ? [datagram] : [other, datagram];
    },
    { strangers: 6 },
  ],
];

const isForHeaders = ([what]: Scene) => /tenth is lost|three times|foreign/.test(what);
const isForStores = ([what]: Scene) => /first and the last|change places|three times|foreign/.test(what);

describe('of the datagrams, the receiver counts', { concurrency: 2 }, () => {
  for (const destination of ['--memory', '--discard']) {
    // one after the other: strangers at the port are counted for whichever session there is
    describe(`what is so (${destination})`, { concurrency: 1 }, () => {
      const ends = new Ends();
      let receiving: Listening;
      before(async () => {
        ends.file('f', datagrams * payload);
        receiving = await ends.receive([destination]);
      });
      after(() => ends.clean());

      // where bytes are dropped, only headers are received
      for (const [what, script, expected] of destination === '--memory' ? scenes : scenes.filter(isForHeaders)) {
        test(`when ${what}`, async () => {
          const { receiver, sender } = await through(script(), ends, receiving);
          assert.ok(receiver.udp, 'the receiver says nothing of datagrams');
          assert.deepEqual(counts(receiver.udp), { ...clean, ...expected });
          assert.equal(receiver.bytes, receiver.udp.received * payload);
          assert.equal(sender.bytes, datagrams * payload);
        });
      }
    });
  }
});

describe('a file that is stored is whole', { concurrency: 2 }, () => {
  for (const [what, script] of scenes.filter(isForStores)) {
    test(`when ${what}`, async () => {
      await throughToStore(script(), (_, ends) => {
        ends.assertSame('f');
        assert.deepEqual(ends.stored, ['f']);
      });
    });
  }

  test('and what was lost on the way is counted, and sent again', async () => {
    const script: Script = (datagram, index) => (index % 10 === 3 && index < datagrams ? [] : [datagram]);
    await throughToStore(script, ({ receiver }, ends) => {
      ends.assertSame('f');
      const expected = { sent: datagrams + 12, received: datagrams, lost: 12, lossPercent: (12 / 132) * 100 };
      assert.deepEqual(receiver.udp && counts(receiver.udp), { ...clean, ...expected });
    });
  });
});
