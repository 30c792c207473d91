/** rewrite, set, if, break and return without nginx at hand: what it has been seen to answer (test/differential has the pairs). */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fetchOnce } from '../server/client.js';
import { TestServer } from '../server/harness.js';
import { build, FakeRequest, runPhase } from './fake-request.js';

const tell = "return 200 '$uri|$args|$1|$x'";

const site = `
set $x '';
rewrite ^/server/(.*)$ /told/$1?s last;
if ($arg_stop = now) { return 410 'stopped at $uri'; }
location /last/ { rewrite ^/last/(.*)$ /told/$1 last; return 200 never; }
location /break/ { rewrite ^/break/(.*)$ /$1 break; return 200 never; }
location /redirect/ { rewrite ^/redirect/(.*)$ /to/$1 redirect; }
location /permanent/ { rewrite ^/permanent/(.*)$ /to/$1?a=b permanent; }
location /away/ { rewrite ^/away/(.*)$ http://example.org/$1; }
location /query/ { rewrite ^/query/(.*)$ /told?q=$1? last; }
location /quoted/ { set $x $1; rewrite ^/quoted/(.*)$ /told?q=$1 last; }
location /loop/ { rewrite ^ /loop/x last; }
location /empty/ { rewrite ^/empty/(.*)$ $1 last; }
location /alias/ { alias {root}/; rewrite ^/alias/(.*)$ /alias/$1 break; }
location /hidden/ { rewrite ^ /internal/a.txt last; }
location /internal/ { internal; alias {root}/; }
location /told { ${tell}; }
location /if/ {
  set $x no;
  if ($arg_v) { set $x yes; }
  if ($arg_v ~ ^a(b*)c$) { set $x "match $1"; }
  if ($arg_v !~* ^A) { set $x "$x other"; }
  if (!-f {root}/$arg_f) { set $x "$x missing"; }
  ${tell};
}
location /own/ {
  add_header X-Out 1;
  if ($arg_a) { add_header X-In a; }
  if ($arg_b) { add_header X-In b; }
  if ($arg_r) { root {root}/other; }
  rewrite ^ /a.txt break;
}
location /warned/ { return 200 '<$later>'; }
location /later/ { set $later 1; }
location /logged/ { rewrite_log on; rewrite ^/x /y; rewrite ^/logged/(.*)$ /told/$1 last; }
`;

let server: TestServer;
before(async () => {
  const files = { 'a.txt': 'a\n', 'other/a.txt': 'other\n' };
  server = await TestServer.start({ http: { error_log: '{dir}/error.log notice' }, server: site }, files);
});
after(() => server.stop());

/** What is answered: status, and the body or the Location. */
const answers: readonly (readonly [target: string, status: number, said: string])[] = [
  ['/server/x?q', 200, '/told/x|s&q|x|'],
  ['/if/?stop=now', 410, 'stopped at /if/'],
  ['/last/x?q', 200, '/told/x|q|x|'],
  ['/break/a.txt', 200, 'a\n'],
  ['/redirect/a%20b?q', 302, 'http://test.local:{port}/to/a%20b?q'],
  ['/redirect/a%2Fb%3Fc', 302, 'http://test.local:{port}/to/a/b?c'],
  ['/permanent/x?q', 301, 'http://test.local:{port}/to/x?a=b&q'],
  ['/away/x?q', 302, 'http://example.org/x?q'],
  ['/query/x?y', 200, '/told|q=x|x|'],
  ['/quoted/a%20b%26c', 200, '/told|q=a%20b%26c|a b&c|'],
  ['/quoted/a b', 400, ''],
  ['/loop/', 500, ''],
  ['/empty/', 500, ''],
  ['/alias/a.txt', 500, ''],
  ['/hidden/', 200, 'a\n'],
  ['/internal/a.txt', 404, ''],
  ['/if/?f=a.txt', 200, '/if/|f=a.txt||no other'],
  ['/if/?v=abbc&f=a.txt', 200, '/if/|v=abbc&f=a.txt||match bb'],
  ['/if/?v=0', 200, '/if/|v=0||no other missing'],
  ['/if/?v=x&f=none', 200, '/if/|v=x&f=none||yes other missing'],
  ['/own/?r=1', 200, 'other\n'],
  ['/warned/', 200, '<>'],
  ['/logged/z', 200, '/told/z||z|'],
];

describe('scripts', () => {
  for (const [target, status, said] of answers) {
    test(`${target}: ${status} ${said}`, async () => {
      const { status: got, headers, body } = await fetchOnce(server.port, target);
      assert.equal(got, status);
      if (said !== '') assert.equal(headers.location ?? body.toString('latin1'), server.fill(said));
    });
  }

  test('of several blocks of if that are true the settings of the last one hold', async () => {
    const added = async (query: string) => {
      const { headers } = await fetchOnce(server.port, `/own/${query}`);
      return [headers['x-out'], headers['x-in']];
    };
    assert.deepEqual(await added(''), ['1', undefined]);
    assert.deepEqual(await added('?a=1'), [undefined, 'a']);
    assert.deepEqual(await added('?a=1&b=1'), [undefined, 'b']);
    assert.deepEqual(await added('?a=1&r=1'), ['1', undefined]);
  });

  test('the error log has what nginx says of them', async () => {
    await server.logged('using uninitialized "later" variable, client: 127.0.0.1');
    await server.logged('rewrite or internal redirection cycle while processing "/loop/x"');
    await server.logged('the rewritten URI has a zero length');
    await server.logged('"alias" cannot be used in location "/alias/" where URI was rewritten');
    await server.logged('"^/x" does not match "/logged/z"');
    await server.logged('"^/logged/(.*)$" matches "/logged/z"');
    await server.logged('rewritten data: "/told/z", args: ""');
  });
});

test('a script that waits for a path goes on where it was', () => {
  const conf =
    'events {} http { server { location / { set $x 1; set $x 2$x; if (-f /f) { set $x 3$x; } return 200 $x; } } }';
  const files = { '/f': 0 as number | { size: number } };
  const request = new FakeRequest(build(conf).servers[0]!, '/', '', files);
  const again = 5;
  assert.equal(runPhase(request, 'rewrite'), again);
  files['/f'] = { size: 1 };
  assert.equal(runPhase(request, 'rewrite'), 1);
  assert.deepEqual(request.redirects, ['branch 0']);
  const [segment] = request.response.body;
  assert.equal(segment !== undefined && 'bytes' in segment && segment.bytes.toString(), '321');
});
