import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig, parseGlobalDirectives } from '../../src/conf/parser.js';
import { ConfigError } from '../../src/conf/syntax.js';
import { BROKEN, BROKEN_LOCATIONS } from './broken.js';
import { build, MAIN_FILE, memorySource, TABLE } from './helpers.js';

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message;
  }
  return 'no error';
}

describe('messages that nginx prints too', () => {
  for (const [text, message] of [...BROKEN, ...BROKEN_LOCATIONS]) {
    const title = text.length > 80 ? `${text.slice(0, 80)}…` : text;
    it(JSON.stringify(title), () => {
      assert.equal(
        messageOf(() => build(text)),
        message.replace('FILE', MAIN_FILE),
      );
    });
  }
});

describe('messages in included files', () => {
  const files = {
    '/etc/conf/open.conf': 'server {\n',
    '/etc/conf/closed.conf': '\n}',
    '/etc/conf/bad.conf': '\nserver { foo; }',
    '/etc/conf/loop.conf': 'include loop.conf;',
  };
  const table: readonly (readonly [text: string, message: string])[] = [
    ['http { include open.conf; } }', 'unexpected end of file, expecting "}" in /etc/conf/open.conf:2'],
    ['http { include closed.conf;', 'unexpected "}" in /etc/conf/closed.conf:2'],
    ['events {} http { include bad.conf; }', 'unknown directive "foo" in /etc/conf/bad.conf:2'],
    [
      'http { include loop.conf; }',
      'includes are nested more than 64 deep: does a file include itself? in /etc/conf/loop.conf:1',
    ],
  ];
  for (const [text, message] of table) {
    it(text, () =>
      assert.equal(
        messageOf(() => build(text, files)),
        message,
      ),
    );
  }

  it('gives no place where the main file itself is missing', () => {
    assert.equal(
      messageOf(() => parseConfig('/none.conf', memorySource({}))),
      'open() "/none.conf" failed (2: No such file or directory)',
    );
  });

  it('refuses blocks nested beyond reason', () => {
    const text = 'a {'.repeat(100_000);
    assert.match(
      messageOf(() => build(text)),
      /^blocks are nested more than 64 deep in .*:1$/,
    );
  });
});

describe('messages of -g', () => {
  const table: readonly (readonly [text: string, message: string])[] = [
    ['pid x', 'unexpected end of parameter, expecting ";" in command line'],
    ['pid "x', 'unexpected end of parameter, expecting ";" in command line'],
    ['pid x;\nfoo;', 'unknown directive "foo" in command line'],
    ['pid x; pid y;', '"pid" directive is duplicate in command line'],
    ['pid x }', 'unexpected "}" in command line'],
    ['}', 'unexpected "}" in command line'],
    ['events {', 'block directives are not supported in -g option in command line'],
    ['worker_processes 1;;', 'unexpected ";" in command line'],
    ['include nope;', 'open() "/etc/conf/nope" failed (2: No such file or directory) in command line'],
  ];
  for (const [text, message] of table) {
    it(text, () =>
      assert.equal(
        messageOf(() => build('events {}', {}, text)),
        message,
      ),
    );
  }

  it('come before the file, and count as given', () => {
    assert.equal(
      messageOf(() => build('events {}\npid y;', {}, 'pid x;')),
      `"pid" directive is duplicate in ${MAIN_FILE}:2`,
    );
  });

  it('may be handed to the table apart', () => {
    const nodes = [{ name: 'events', args: [], file: 'f', line: 1, children: [] }];
    const config = TABLE.build(nodes, { prefix: '/srv/', globals: parseGlobalDirectives('pid x;') });
    assert.equal((config.main as unknown as { pid: string }).pid, 'x');
    assert.equal(
      messageOf(() => parseGlobalDirectives('include x;')),
      '"include" is not possible here in command line',
    );
  });
});
