import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { datagramHeader, intervalHeader, intervalLine } from '../../src/tools/interval-lines.js';

/** Bytes that are so many GBytes as the paper counts them. */
const gbytes = (value: number) => Math.round(value * 2 ** 30);

describe('interval lines', () => {
  // the first five are the paper's table 3; its last intervals end at times of more than two digits
  const cases: [start: number, end: number, bytes: number, line: string][] = [
    [0, 1, gbytes(5.97), '0.00-1.00                    5.97              51.3'],
    [1, 1.6637, gbytes(4.01), '1.00-1.66                    4.01              51.9'],
    [0, 1, gbytes(2.85), '0.00-1.00                    2.85              24.5'],
    [1, 2, gbytes(2.89), '1.00-2.00                    2.89              24.8'],
    [3, 3.4751, gbytes(1.37), '3.00-3.48                    1.37              24.8'],
    [999, 1000, gbytes(12.346), '999.00-1000.00              12.35             106.1'],
    [10_000, 10_001, gbytes(1), '10000.00-10001.00            1.00               8.6'],
    [0, 1, 1_000_000, '0.00-1.00                 0.00093            0.0080'],
    [0, 1, 0, '0.00-1.00                    0.00               0.0'],
    [2, 2, 5, '2.00-2.00             0.000000005               0.0'],
  ];
  for (const [start, end, bytes, line] of cases) {
    test(`${start} to ${end} s, ${bytes} bytes`, () => {
      assert.equal(intervalLine({ start, end, bytes }), line);
      assert.equal(line.length, intervalHeader.length);
    });
  }

  test('where datagrams are received, their jitter and loss follow', () => {
    const interval = {
      start: 0,
      end: 1,
      bytes: gbytes(0.1164),
      datagrams: { sent: 888_000, lost: 17_760, jitterMs: 0.0096 },
    };
    const line = intervalLine(interval);
    assert.equal(line, '0.00-1.00                    0.12              1.00        0.010  17760/888000');
    assert.equal(line.length, datagramHeader.length);
    assert.ok(line.length <= 80);
    assert.match(intervalLine({ ...interval, datagrams: { sent: 0, lost: -3, jitterMs: 0 } }), / 0\.000 {10}-3\/0$/);
  });

  test('the header is the one of table 3', () => {
    assert.equal(intervalHeader, 'Interval (sec)  Transfer (GBytes)  Bandwidth (Gbps)');
  });
});
