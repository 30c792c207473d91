import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseEnum, parseFlag, parseInteger, parseOffset, parseSize, parseTime } from '../../src/conf/values.js';

function check<T>(name: string, read: (text: string) => T | undefined, table: Record<string, T | undefined>): void {
  describe(name, () => {
    for (const [text, expected] of Object.entries(table)) {
      it(`"${text}" is ${expected}`, () => assert.equal(read(text), expected));
    }
  });
}

check('parseFlag', parseFlag, { on: true, OFF: false, On: true, yes: undefined, '': undefined });
check('parseEnum', text => parseEnum(text, ['off', 'exact', 'before']), { EXACT: 'exact', off: 'off', x: undefined });
check('parseInteger', parseInteger, {
  '0': 0,
  '12': 12,
  '': undefined,
  '-1': undefined,
  '1.5': undefined,
  '1e3': undefined,
  ' 1': undefined,
  '99999999999999999999': undefined,
});
check('parseInteger with bounds', text => parseInteger(text, 1, 9), {
  '0': undefined,
  '1': 1,
  '9': 9,
  '10': undefined,
});
check('parseSize', parseSize, {
  '0': 0,
  '100': 100,
  '1k': 1024,
  '8K': 8192,
  '2m': 2 << 20,
  '2M': 2 << 20,
  '1g': undefined,
  k: undefined,
  '': undefined,
  '1kb': undefined,
  '-1': undefined,
  '99999999999999m': undefined,
});
check('parseOffset', parseOffset, {
  '1k': 1024,
  '3G': 3 * 2 ** 30,
  '1g': 2 ** 30,
  g: undefined,
  '99999999999g': undefined,
});

// Which texts are times was asked of nginx with keepalive_timeout (ms) and expires (s), and of expires what they come to.
check('parseTime to the millisecond', text => parseTime(text, 'ms'), {
  '0': 0,
  '65': 65_000,
  '500ms': 500,
  '1m500ms': 60_500,
  '1h30m': 5_400_000,
  '1h 30m': 5_400_000,
  '1ms2': 2001,
  ' 5': 5000,
  '5s ': 5000,
  '1M': undefined,
  '1y2M': undefined,
  '30s1m': undefined,
  '1h1h': undefined,
  '5ms1s': undefined,
  '1.5s': undefined,
  '-1': undefined,
  '5x': undefined,
  s: undefined,
  '': undefined,
  ' ': undefined,
  '99999999999999999999': undefined,
});
check('parseTime to the second', text => parseTime(text, 's'), {
  '1 30': 31_000,
  '5  ': 5000,
  '1h30': 3_630_000,
  '1h  30m': 5_400_000,
  '1y2M3w4d5h6m7s': 38_898_367_000,
  '1y 1M 1w': 34_732_800_000,
  '1M1m': 2_592_060_000,
  '1m 5': 65_000,
  '1s5': 6000,
  '1s 5': 6000,
  '1h ': 3_600_000,
  '500ms': undefined,
  '1 5s': undefined,
  '1 5m': undefined,
  '5 s': undefined,
  '1s 5s': undefined,
  '1 2 3': undefined,
  '1d1w': undefined,
});
