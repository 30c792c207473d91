import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ReceivedHead } from '../../src/http/received-head.js';
import { nameFromHead, nameFromUrl, safeName } from '../../src/transfer/fetch/file-name.js';
import { parseUrl } from '../../src/transfer/http/url.js';

/** Text as a byte string. */
const utf8 = (text: string) => Buffer.from(text).toString('latin1');

describe('the name of a file', () => {
  const dispositions: readonly (readonly [header: string, name: string])[] = [
    ['attachment; filename="scan 7.vdif"', 'scan 7.vdif'],
    ['attachment; filename=plain.bin', 'plain.bin'],
    ['attachment; filename="a \\"b\\".bin"', 'a "b".bin'],
    ['ATTACHMENT; FileName="x"', 'x'],
    ['attachment; filename="../../../etc/passwd"', 'passwd'],
    ['attachment; filename="/etc/cron.d/x"', 'x'],
    ['attachment; filename="..\\\\..\\\\boot.ini"', 'boot.ini'],
    ['attachment; filename=".bashrc"', 'bashrc'],
    ['attachment; filename="  . hidden"', 'hidden'],
    ['attachment; filename=".."', ''],
    ['attachment; filename="a/.."', ''],
    ['attachment; filename="a/"', ''],
    ['attachment; filename=""', ''],
    [`attachment; filename="${utf8('Mätze.bin')}"`, utf8('Mätze.bin')],
    ['attachment; filename="\xe4.bin"', '\xe4.bin'],
    ['attachment; filename="a.bin"; filename*=UTF-8\'\'%e2%82%ac%20a.bin', utf8('€ a.bin')],
    ["attachment; filename*=UTF-8''%c3%a4.bin; filename=a.bin", utf8('ä.bin')],
    ["attachment; filename*=ISO-8859-1''%e4.bin", utf8('ä.bin')],
    ["attachment; filename*=UTF-8''..%2f..%2fetc%2fshadow", 'shadow'],
    ["attachment; filename*=UTF-8''a%00b%0a%1b%7f.bin", 'ab.bin'],
    ["attachment; filename=good.bin; filename*=UTF-8''%ff%zz", 'good.bin'],
    ['inline', ''],
    ['"', ''],
    [';;;=;', ''],
  ];
  for (const [header, name] of dispositions) {
    test(`in "Content-Disposition: ${header}"`, async () => {
      const head = new ReceivedHead(1001, 200, 'OK', [{ name: 'content-disposition', value: header }]);
      assert.equal(await nameFromHead(head), name);
    });
  }

  const urls: readonly (readonly [url: string, name: string])[] = [
    ['http://h/scan.bin', 'scan.bin'],
    ['http://h/a/b/scan.bin?x=/y/z', 'scan.bin'],
    ['http://h/a%20b', 'a b'],
    ['http://h/a%2Fb', 'b'],
    ['http://h/%2e%2e%2f%2e%2e%2fetc%2fpasswd', 'passwd'],
    ['http://h/x/%2ehidden', 'hidden'],
    ['http://h/%00%01', 'index.html'],
    ['http://h/%e4%zz', '\xe4%zz'],
    ['http://h/folder/', 'index.html'],
    ['http://h', 'index.html'],
    ['http://h/?file=x', 'index.html'],
  ];
  for (const [url, name] of urls) {
    test(`in ${url}`, () => assert.equal(nameFromUrl(parseUrl(url)), name));
  }

  test('that is too long is cut, its ending and its characters whole', () => {
    const long = safeName(`${utf8('ä').repeat(200)}.vdif`);
    assert.ok(long.length <= 240);
    assert.match(Buffer.from(long, 'latin1').toString('utf8'), /^ä+\.vdif$/);
    assert.equal(safeName('x'.repeat(300)), 'x'.repeat(240));
  });
});
