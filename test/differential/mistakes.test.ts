/** Configurations that are refused: what `nginx -t` says of each, compared with what is said here. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { BROKEN, BROKEN_LOCATIONS } from '../conf/broken.js';
import { configuration, MISTAKES } from '../modules/mistakes.js';
import { missing } from '../server/harness.js';

const missingNginx = missing('nginx');
const base = mkdtempSync(join(tmpdir(), 'zerocopy-mistakes-'));
const conf = join(base, 'conf');
mkdirSync(conf);
mkdirSync(join(base, 'logs'));
after(() => rmSync(base, { recursive: true, force: true }));

/** The message of nginx, or 'ok'. */
function nginxSays(text: string): string {
  const file = join(conf, 'nginx.conf');
  writeFileSync(file, text, 'latin1');
  const { stderr } = spawnSync('nginx', ['-t', '-p', `${base}/`, '-c', file], { encoding: 'latin1' });
  const line = stderr.split('\n').find(each => each.includes('[emerg]'));
  if (line === undefined) return 'ok';
  const message = line.replace(/^.*?\[emerg\] (?:\d+#\d+: )?/, '');
  return message.replaceAll(file, 'FILE').replaceAll(conf, '/etc/conf');
}

/** Where the message here is another one, by the beginning of the directive: why. */
const reasons: readonly (readonly [directive: string, reason: string])[] = [
  ['console', 'nginx has no such directive'],
  ['modern_browser msie;', 'nginx gives no reason'],
  ['ssl_ocsp leaf', 'no responder is asked about a certificate of a client'],
  ['ssl_certificate_compression', 'nginx has it from 1.29.1 on'],
  ['http2 x', 'nginx has it from 1.25.1 on'],
  ['add_header_inherit', 'nginx has it from 1.29.3 on'],
  ['add_trailer_inherit', 'nginx has it from 1.29.3 on'],
  ['load_module', 'no module of nginx can be loaded'],
  ['ssl_engine', 'there are no engines'],
  ['error_log memory:', 'there is no debug log that could be kept in memory'],
  ['aio threads=$x', 'pools are found when the configuration is read'],
  ['thread_pool x threads=2 foo', 'nginx does not look at what it does not know'],
  ['thread_pool x threads=257', 'one library runs the threads of all pools'],
  ['directio_alignment 0', 'no offset is a multiple of 0'],
  ['log_format x $nosuch', 'the place is told too'],
  ['error_page 404 /x$nosuch', 'the place is told too'],
  ['return 200 $nosuch', 'the place is told too'],
  ['rewrite a $nosuch', 'the place is told too'],
  ['set $a $nosuch', 'the place is told too'],
  ['if ($nosuch)', 'the place is told too'],
  ['if ($1 = a)', 'the place is told too'],
];

describe('mistakes, beside nginx', { skip: missingNginx }, () => {
  const all = [
    ...MISTAKES.map(([place, text, reason]) => [configuration(place, text), `${reason} in FILE:1`, text] as const),
    ...[...BROKEN, ...BROKEN_LOCATIONS].map(([text, message]) => [text, message, text] as const),
  ];
  for (const [at, [text, message, directive]] of all.entries()) {
    test(`${at}: ${JSON.stringify(directive.slice(0, 80))}`, () => {
      const theirs = nginxSays(text);
      if (reasons.some(([beginning]) => directive.startsWith(beginning))) assert.notEqual(message, theirs);
      else assert.equal(message, theirs);
    });
  }
});
