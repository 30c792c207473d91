/** Redirects as pages (`msie_refresh`), for browsers that take them so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refreshPage } from '../../src/http/error-page.js';
import { isExplorer } from '../../src/http/user-agents.js';
import { Client } from './client.js';
import { TestServer } from './harness.js';

const agent = 'Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)';

test('who is Microsoft’s browser', () => {
  assert.ok(isExplorer(agent));
  for (const other of [undefined, '', 'curl/8', `${agent} Opera 9`, 'MSIE ', 'MSIE 6'])
    assert.ok(!isExplorer(other), other);
});

test('nothing in a URL ends the attribute that it stands in', () => {
  assert.equal(
    refreshPage('/a b"\'<>%22\xe9'),
    '<html><head><meta http-equiv="Refresh" content="0; URL=/a%20b%22%27%3C%3E%22%E9"></head><body></body></html>\r\n',
  );
});

test('msie_refresh: a redirect and one of error_page; others get the redirect', async () => {
  const lines = 'msie_refresh on; location /r { return 302 /there; } location /s { return 303 /there; }';
  const server = await TestServer.start({
    server: `${lines} location /e { error_page 410 =307 http://a/; return 410; }`,
  });
  const client = await Client.connect(server.port);
  try {
    for (const [path, location, status] of [
      ['/r', '/there', 302],
      ['/e', 'http://a/', 307],
    ] as const) {
      const refreshed = await client.get(path, `User-Agent: ${agent}`).reply();
      assert.deepEqual([refreshed.status, refreshed.headers.location], [200, undefined]);
      assert.equal(refreshed.body.toString(), refreshPage(location));
      const redirected = await client.get(path).reply();
      assert.equal(redirected.status, status);
      assert.ok(redirected.headers.location?.endsWith(location));
    }
    assert.equal((await client.get('/s', `User-Agent: ${agent}`).reply()).status, 303);
  } finally {
    client.close();
    await server.stop();
  }
});
