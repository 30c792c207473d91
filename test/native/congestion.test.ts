import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { congestionControl } from '../../native/congestion.js';

test('the congestion control is one of those that the system has', () => {
  const available = readFileSync('/proc/sys/net/ipv4/tcp_available_congestion_control', 'latin1').trim().split(' ');
  assert.ok(available.includes(congestionControl()), `${congestionControl()} of ${available}`);
});
