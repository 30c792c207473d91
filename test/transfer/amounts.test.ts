import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { significant } from '../../src/tools/words.js';
import { clock, exactBytes, rate } from '../../src/transfer/amounts.js';

describe('amounts', () => {
  const cases: [actual: string, expected: string][] = [
    [rate(0), '0 bit/s'],
    [rate(100), '800 bit/s'],
    [rate(125), '1.0 kbit/s'],
    [rate(1_250_000), '10.0 Mbit/s'],
    [rate(124_999_999), '1.0 Gbit/s'],
    [rate(6.4125e9), '51.3 Gbit/s'],
    [rate(2e11), '1600.0 Gbit/s'],
    [clock(0), '0:00'],
    [clock(0.4), '0:00'],
    [clock(59.5), '1:00'],
    [clock(725), '12:05'],
    [clock(3599.6), '1:00:00'],
    [clock(97_201), '27:00:01'],
    [exactBytes(0), '0'],
    [exactBytes(999), '999'],
    [exactBytes(10_737_418_240), '10,737,418,240 (10.7 GB)'],
    [significant(0), '0'],
    [significant(0.09214), '0.0921'],
    [significant(0.000012345), '0.0000123'],
    [significant(51.349), '51.3'],
    [significant(7629.6), '7,630'],
    [significant(0.2, 2), '0.20'],
  ];
  for (const [actual, expected] of cases) test(expected, () => assert.equal(actual, expected));
});
