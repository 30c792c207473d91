/** The handlers that find content: static, index, the core's last word, try_files, return. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Outcome } from '../../src/modules/module.js';
import { buildServer, type FakeFiles, FakeRequest, MTIME, requestFor, runPhase } from './fake-request.js';

const FILES: FakeFiles = {
  '/srv/html': { kind: 'folder' },
  '/srv/html/a.txt': { size: 6 },
  '/srv/html/empty.HTML': {},
  '/srv/html/dir': { kind: 'folder' },
  '/srv/html/dir/index.html': { size: 4 },
  '/srv/html/sp ace': { kind: 'folder' },
  '/srv/html/bare': { kind: 'folder' },
  '/srv/html/fifo': { kind: 'other' },
  '/srv/html/secret': -13,
  '/srv/html/broken': -5,
  '/srv/html/closed': { kind: 'folder' },
  '/srv/html/closed/index.html': -13,
  '/srv/html/a.txt/index.html': -20,
  '/srv/other/b.txt': { size: 1 },
};

function content(inside: string, uri: string, method = 'GET', args = ''): { request: FakeRequest; outcome: Outcome } {
  const request = requestFor(inside, uri, FILES, args);
  request.head.method = method;
  return { request, outcome: runPhase(request, 'content') };
}

describe('static', () => {
  test('describes a file', () => {
    const { request, outcome } = content('', '/a.txt');
    const { response } = request;
    assert.equal(outcome, Outcome.Respond);
    assert.equal(response.status, 200);
    assert.equal(response.contentType, 'text/plain');
    assert.equal(response.contentLength, 6);
    assert.equal(response.lastModified, MTIME);
    assert.equal(response.etag, `"${MTIME.toString(16)}-6"`);
    assert.equal(response.acceptRanges, true);
    const file = request.open('/srv/html/a.txt');
    assert.deepEqual(response.body, [{ file, offset: 0, length: 6 }]);
  });

  test('an empty file has an empty body', () => {
    const { request } = content('etag off;', '/empty.HTML');
    assert.deepEqual(request.response.body, []);
    assert.equal(request.response.contentLength, 0);
    assert.equal(request.response.contentType, 'text/html');
    assert.equal(request.response.etag, '');
  });

  const statuses: readonly (readonly [string, method: string, status: number, error: string])[] = [
    ['/missing', 'GET', 404, 'error: open() "/srv/html/missing" failed (2)'],
    ['/secret', 'GET', 403, 'error: open() "/srv/html/secret" failed (13)'],
    ['/broken', 'GET', 500, 'crit: open() "/srv/html/broken" failed (5)'],
    ['/fifo', 'GET', 404, 'crit: "/srv/html/fifo" is not a regular file'],
    ['/fifo', 'POST', 404, 'crit: "/srv/html/fifo" is not a regular file'],
    ['/a.txt', 'POST', 405, ''],
    ['/missing', 'PUT', 405, ''],
    ['/bare/', 'DELETE', 405, ''],
    ['/dir', 'POST', 301, ''],
  ];
  for (const [uri, method, status, error] of statuses) {
    test(`${method} ${uri} is ${status}`, () => {
      const { request, outcome } = content('', uri, method);
      assert.equal(outcome, status);
      assert.deepEqual(request.errors, error === '' ? [] : [error]);
    });
  }

  test('log_not_found off is silent about 404 only', () => {
    assert.deepEqual(content('log_not_found off;', '/missing').request.errors, []);
    assert.deepEqual(content('log_not_found off;', '/nowhere/').request.errors, []);
    assert.equal(content('log_not_found off;', '/secret').request.errors.length, 1);
  });

  const slashes = [
    ['/dir', '', '/dir/'],
    ['/dir', 'a=b', '/dir/?a=b'],
    ['/sp ace', '', '/sp%20ace/'],
  ] as const;
  for (const [uri, args, location] of slashes) {
    test(`a folder without its slash goes to ${location}`, () => {
      const { request, outcome } = content('', uri, 'GET', args);
      assert.equal(outcome, 301);
      assert.equal(request.response.location, location);
    });
  }
});

describe('types', () => {
  const table = [
    ['', '/a.js', 'text/javascript'],
    ['', '/a.CSS', 'text/css'],
    ['', '/a.svg', 'image/svg+xml'],
    ['', '/a.wasm', 'application/wasm'],
    ['', '/a.nosuch', 'text/plain'],
    ['', '/x.y/a', 'text/plain'],
    ['default_type a/b;', '/.html', 'a/b'],
    ['types { x/y HTML; } default_type a/b;', '/a.hTml', 'x/y'],
    ['types { x/y html; } default_type a/b;', '/a.js', 'a/b'],
    ['types {} default_type "";', '/a.html', ''],
  ] as const;
  for (const [inside, uri, type] of table) {
    test(`${inside} ${uri} is ${type}`, () => {
      const request = requestFor(inside, uri, { [`/srv/html${uri}`]: { size: 1 } });
      assert.equal(runPhase(request, 'content'), Outcome.Respond);
      assert.equal(request.response.contentType, type);
    });
  }

  test('more extensions than the cache holds still have their types', () => {
    for (let i = 0; i < 1100; i++) {
      const uri = `/a.nosuch${i}`;
      const request = plainRequest(uri);
      runPhase(request, 'content');
      assert.equal(request.response.contentType, 'text/plain');
    }
    const request = plainRequest('/a.html');
    runPhase(request, 'content');
    assert.equal(request.response.contentType, 'text/html');
  });
});

const plainServer = buildServer('root html; location / {}');
function plainRequest(uri: string): FakeRequest {
  return new FakeRequest(plainServer, uri, '', { [`/srv/html${uri}`]: { size: 1 } });
}

describe('index', () => {
  const found = [
    ['', '/dir/', 'a=b', '/dir/index.html?a=b'],
    ['index nope index.html;', '/dir/', '', '/dir/index.html?'],
    ['index nope $arg_i.html;', '/dir/', 'i=index', '/dir/index.html?i=index'],
    ['index nope /a.txt;', '/dir/', '', '/a.txt?'],
  ] as const;
  for (const [inside, uri, args, target] of found) {
    test(`${inside} ${uri} goes on at ${target}`, () => {
      const { request, outcome } = content(inside, uri, 'GET', args);
      assert.equal(outcome, Outcome.Restart);
      assert.deepEqual(request.redirects, [target]);
    });
  }

  const refused = [
    ['/bare/', 403, 'error: directory index of "/srv/html/bare/" is forbidden'],
    ['/nowhere/', 404, 'error: "/srv/html/nowhere/index.html" is not found (2)'],
    ['/a.txt/', 404, 'error: "/srv/html/a.txt/index.html" is not found (20)'],
    ['/closed/', 403, 'error: "/srv/html/closed/index.html" is forbidden (13)'],
  ] as const;
  for (const [uri, status, error] of refused) {
    test(`${uri} is ${status}`, () => {
      const { request, outcome } = content('', uri);
      assert.equal(outcome, status);
      assert.deepEqual(request.errors, [error]);
    });
  }
});

describe('root and alias', () => {
  const table = [
    ['root html; location /x/ {}', 0, '/srv/html/x/b.txt'],
    ['root /; location /x/ {}', 0, '//x/b.txt'],
    ['location /x/ { root $arg_r; }', 0, '/r/x/b.txt'],
    ['location /x/ { alias other/; }', 3, '/srv/other/b.txt'],
    ['location ^~/x/ { alias other/; }', 3, '/srv/other/b.txt'],
    ['location = /x/b.txt { alias other/c; }', 8, '/srv/other/c'],
    ['location ~ ^/x/(.*)$ { alias other/$1; }', -1, '/srv/other/b.txt'],
  ] as const;
  for (const [inside, length, path] of table) {
    test(inside, () => {
      const request = new FakeRequest(buildServer(inside), '/x/b.txt', 'r=/r');
      request.captures = ['/x/b.txt', 'b.txt'];
      assert.equal(request.settings.root.length, length);
      assert.equal(request.mapPath(), path);
    });
  }

  test('a nested location keeps the length of where the alias was set', () => {
    const server = buildServer('location /x/ { alias other/; location /x/y/ {} }');
    assert.equal(server.locations[0]!.locations[0]!.settings.root.length, 3);
  });
});

describe('try_files', () => {
  const stays = [
    ['try_files $uri =404;', '/a.txt', '/a.txt'],
    ['try_files $uri $uri/ =404;', '/dir/', '/dir/'],
    ['try_files $uri $uri/ =404;', '/dir', '/dir'],
    ['try_files /nope /a.txt =404;', '/x', '/a.txt'],
    ['try_files $uri/ $uri =404;', '/fifo', '/fifo'],
  ] as const;
  for (const [inside, uri, found] of stays) {
    test(`${inside} ${uri} stays, with ${found}`, () => {
      const request = requestFor(inside, uri, FILES);
      assert.equal(runPhase(request, 'precontent'), Outcome.Next);
      assert.equal(request.uri, found);
      assert.deepEqual(request.redirects, []);
    });
  }

  const falls = [
    ['try_files $uri =404;', '/nope', 404, []],
    ['try_files $uri =444;', '/nope', Outcome.Close, []],
    ['try_files $uri/ =404;', '/a.txt', 404, []],
    ['try_files $uri /b?x=1;', '/nope', Outcome.Restart, ['/b?x=1']],
    ['try_files $uri /b;', '/nope', Outcome.Restart, ['/b?']],
    ['try_files $uri @n;', '/nope', Outcome.Restart, ['@n']],
    ['try_files $uri @gone;', '/nope', 500, ['@gone']],
  ] as const;
  for (const [inside, uri, outcome, redirects] of falls) {
    test(`${inside} ${uri} falls back`, () => {
      const request = requestFor(inside, uri, FILES, 'q');
      request.namedLocations = ['@n'];
      assert.equal(runPhase(request, 'precontent'), outcome);
      assert.deepEqual(request.redirects, redirects);
      assert.deepEqual(request.errors, outcome === 500 ? ['error: could not find named location "@gone"'] : []);
    });
  }

  test('names under an alias are put under the prefix', () => {
    const server = buildServer('location /x/ { alias other/; try_files $uri b.txt =404; }');
    const request = new FakeRequest(server, '/x/nope', '', FILES);
    assert.equal(runPhase(request, 'precontent'), Outcome.Next);
    assert.equal(request.uri, '/x/b.txt');
  });

  test('what cannot be tested is logged', () => {
    const request = requestFor('try_files $uri =404;', '/broken', FILES);
    assert.equal(runPhase(request, 'precontent'), 404);
    assert.deepEqual(request.errors, ['crit: stat() "/srv/html/broken" failed (5)']);
  });

  test('a location does not take over its server', () => {
    const server = buildServer('try_files $uri =404; location / {}');
    assert.equal(server.locations[0]!.settings.tryFiles, null);
    assert.equal(server.settings.tryFiles!.status, 404);
  });
});

describe('return', () => {
  const answers = [
    ['return 200 "x$uri";', '/y', 200, 'x/y', 'a/b', 3],
    ['return 200;', '/y.html', 200, '', 'text/html', 0],
    ['return 404 nope;', '/y', 404, 'nope', 'a/b', 4],
    ['return 204 x;', '/y', 204, '', '', -1],
    ['return 304 x;', '/y', 304, '', '', -1],
    ['return 309 x; return 500;', '/y', 309, 'x', 'a/b', 1],
  ] as const;
  for (const [inside, uri, status, body, type, length] of answers) {
    test(inside, () => {
      const request = requestFor(`default_type a/b; ${inside}`, uri);
      assert.equal(runPhase(request, 'rewrite'), Outcome.Respond);
      const { response } = request;
      const bytes = response.body.map(part => ('bytes' in part ? part.bytes.toString('latin1') : '?')).join('');
      assert.deepEqual(
        [response.status, bytes, response.contentType, response.contentLength],
        [status, body, type, length],
      );
    });
  }

  const statuses = [
    ['return 404;', 404, ''],
    ['return 404 "";', 404, ''],
    ['return 444;', Outcome.Close, ''],
    ['return 301 /z;', 301, '/z'],
    ['return 308 $uri;', 308, '/y'],
    ['return http://h$uri;', 302, 'http://h/y'],
    ['return $scheme://h;', 302, 'http://h'],
  ] as const;
  for (const [inside, outcome, location] of statuses) {
    test(inside, () => {
      const request = requestFor(inside, '/y');
      assert.equal(runPhase(request, 'rewrite'), outcome);
      assert.equal(request.response.location, location);
    });
  }

  test("a server's return is in the server's phase, and not the location's", () => {
    const server = buildServer('return 503; location / {}');
    const request = new FakeRequest({ ...server, locations: [] });
    assert.equal(runPhase(request, 'serverRewrite'), 503);
    assert.equal(runPhase(new FakeRequest(server), 'rewrite'), Outcome.Next);
  });
});
