import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { describe, test } from 'node:test';
import { findProgram } from '../../src/tools/programs.js';
import { SourceFile } from '../../src/transfer/source-file.js';
import { inFolder } from '../native/support.js';
import { asOrdinaryUser, failure } from './part-support.js';

/** A file that is opened for sending, handed to `use`, and closed. */
function withSource(content: string, use: (source: SourceFile, path: string) => void): void {
  inFolder(folder => {
    const path = `${folder}/file`;
    fs.writeFileSync(path, content);
    const source = SourceFile.open(path);
    try {
      use(source, path);
    } finally {
      source.close();
    }
  });
}

describe('a file that is sent', () => {
  test('has a size, a name and a version', () => {
    withSource('0123456789', (source, path) => {
      assert.equal(source.size, 10);
      assert.equal(source.name, 'file');
      assert.equal(source.path, path);
      assert.equal(fs.readFileSync(source.fd, 'latin1'), '0123456789');
      const again = SourceFile.open(path);
      assert.deepEqual(again.identity, source.identity);
      assert.deepEqual(source.identity, { size: 10, version: source.identity.version });
      assert.equal(source.changed(), undefined);
      again.close();
    });
  });

  test('of a name with any bytes, beyond 4 GiB', () => {
    inFolder(folder => {
      const path = `${folder}/\xff\xfe`;
      const size = 5 * 2 ** 30 + 3;
      fs.closeSync(fs.openSync(Buffer.from(path, 'latin1'), 'w'));
      fs.truncateSync(Buffer.from(path, 'latin1'), size);
      const source = SourceFile.open(path);
      assert.equal(source.size, size);
      assert.equal(source.name, '\xff\xfe');
      source.close();
    });
  });

  const changes: readonly [string, RegExp | undefined, (path: string) => void][] = [
    ['shrinks', /^has shrunk from 10 to 4 bytes$/, path => fs.truncateSync(path, 4)],
    ['grows', /^has grown from 10 to 12 bytes$/, path => fs.appendFileSync(path, 'xx')],
    [
      'is written to',
      /^was written to$/,
      path => {
        // a clock that has gone on by its least step
        const { mtimeMs } = fs.statSync(path);
        fs.writeFileSync(path, 'ABCDEFGHIJ');
        fs.utimesSync(path, new Date(), new Date(mtimeMs + 1));
      },
    ],
    [
      'is replaced',
      undefined,
      path => {
        fs.writeFileSync(`${path}2`, 'another');
        fs.renameSync(`${path}2`, path);
      },
    ],
    ['is deleted', undefined, path => fs.rmSync(path)],
  ];
  for (const [what, told, change] of changes) {
    test(`that ${what} ${told === undefined ? 'is still the one that was opened' : 'is told from what it was'}`, () => {
      withSource('0123456789', (source, path) => {
        change(path);
        const said = source.changed();
        if (told === undefined) assert.equal(said, undefined);
        else assert.match(said ?? 'nothing', told);
      });
    });
  }

  test('of the same size but written anew has another version', () => {
    withSource('0123456789', (source, path) => {
      fs.writeFileSync(`${path}2`, '0123456789');
      fs.renameSync(`${path}2`, path);
      const other = SourceFile.open(path);
      assert.notEqual(other.identity.version, source.identity.version);
      other.close();
    });
  });
});

describe('what cannot be sent', () => {
  const rows: readonly [string, string, (folder: string) => string][] = [
    ['nothing', 'there is no file "', folder => `${folder}/none`],
    ['a folder', 'is a folder: name the files in it', folder => folder],
    [
      'a named pipe',
      'is no ordinary file',
      folder => {
        execFileSync('mkfifo', [`${folder}/pipe`]);
        return `${folder}/pipe`;
      },
    ],
    ['a device', 'is no ordinary file', () => '/dev/zero'],
    [
      'a path through a file',
      'what should be a folder in it is none',
      folder => {
        fs.writeFileSync(`${folder}/f`, '');
        return `${folder}/f/g`;
      },
    ],
    [
      'a link to itself',
      'Too many levels of symbolic links',
      folder => {
        fs.symlinkSync(`${folder}/loop`, `${folder}/loop`);
        return `${folder}/loop`;
      },
    ],
  ];
  for (const [what, reason, make] of rows) {
    test(what, () => {
      inFolder(folder => {
        const path = make(folder);
        assert.throws(() => SourceFile.open(path), failure('source', reason));
      });
    });
  }

  test('a file that may not be read', () => {
    inFolder(folder => {
      fs.writeFileSync(`${folder}/f`, '', { mode: 0 });
      fs.chmodSync(folder, 0o755);
      asOrdinaryUser(() => {
        assert.throws(() => SourceFile.open(`${folder}/f`), failure('source', 'may not be read'));
      });
    });
  });
});

/** Bytes of a file in the page cache. */
function cached(path: string): number {
  const { stdout } = spawnSync('fincore', ['--bytes', '--noheadings', '--output', 'RES', path], { encoding: 'utf8' });
  return Number(stdout);
}

const noFincore = findProgram('fincore') === undefined ? 'no fincore here to look into the page cache' : false;

test('--cold takes a file out of the page cache, what was just written too', { skip: noFincore }, t => {
  const size = 4 * 2 ** 20;
  withSource('x'.repeat(size), (source, path) => {
    assert.equal(cached(path), size);
    source.dropFromCache();
    const left = cached(path);
    if (left === size) t.skip('the folder for temporary files is nothing but page cache');
    else assert.equal(left, 0);
  });
});
