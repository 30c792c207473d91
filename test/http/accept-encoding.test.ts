import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptsGzip } from '../../src/http/accept-encoding.js';

/** What nginx 1.22.1 makes of them. */
const taken = [
  'gzip',
  'gzip,',
  'gzip, deflate',
  'deflate, gzip',
  'gzip;q=0.5',
  'GZIP',
  'x gzip',
  'gzip; q=0.01',
  'br;q=1, gzip;q=1.000',
];
const refused = [
  '',
  'deflate',
  'xgzip',
  '*',
  'gzip;q=0',
  'gzip;q=0.000',
  'gzip ; q=0',
  'gzip;q=',
  'gzip;q=1.0001',
  'gzip;q=2',
  'deflate,gzip;q=0',
];

test('clients that take gzip', () => {
  for (const value of taken) assert.equal(acceptsGzip(value), true, value);
});

test('clients that do not', () => {
  assert.equal(acceptsGzip(undefined), false);
  for (const value of refused) assert.equal(acceptsGzip(value), false, value);
});
