/** What `send --udp` says of a command line that makes no sense. */
import { describe, test } from 'node:test';
import { assertRefused } from '../../cli/mistake.js';

describe('the command line', () => {
  const cases: readonly (readonly [args: readonly string[], complaint: RegExp])[] = [
    [['--udp', '--datagram-size', '63'], /--datagram-size "63": .*from 64 to 65507/],
    [['--udp', '--datagram-size', '65508'], /--datagram-size "65508": .*from 64 to 65507/],
    [['--datagram-size', '1000'], /--datagram-size is for datagrams: give --udp/],
    [['--gso'], /--gso is for datagrams: give --udp/],
    [['--udp', '--gso', '--zero-copy'], /--gso copies: leave out --zero-copy/],
    [['--udp', '--streams', '2'], /--streams: over UDP there is one/],
    [['--udp', '--direct'], /--direct: not over UDP/],
    [['--udp', '--zero-copy', '--datagram-size', '61481'], /with --zero-copy a datagram has 61480 bytes at most/],
  ];
  for (const [args, complaint] of cases) {
    test(`says what is wrong with ${args.join(' ')}`, () =>
      assertRefused(['send', 'f', '127.0.0.1:1', ...args], complaint));
  }
});
