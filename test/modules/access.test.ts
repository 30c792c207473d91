/** Who is let in, by address: the rules alone, and a server with satisfy and limit_except. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { binaryAddress } from '../../src/modules/binary-address.js';
import { isInCidr, mappedIpv4, parseCidr } from '../../src/modules/cidr.js';
import { Outcome } from '../../src/modules/module.js';
import { Client, fetchOnce } from '../server/client.js';
import { TestServer } from '../server/harness.js';
import { complaint, FILE, requestFor, runPhase } from './fake-request.js';

/** What the access phase says to a client. */
function judge(rules: string, remoteAddress: string): Outcome {
  const request = requestFor(rules, '/');
  Object.assign(request.client, { remoteAddress });
  return runPhase(request, 'access');
}

describe('networks', () => {
  const isIn = (address: string, network: string) => isInCidr(binaryAddress(address), parseCidr(network)!.cidr);

  test('an address is in a network when the bits agree', () => {
    assert.equal(isIn('10.1.2.3', '10.0.0.0/8'), true);
    assert.equal(isIn('11.1.2.3', '10.0.0.0/8'), false);
    assert.equal(isIn('192.168.3.255', '192.168.2.0/23'), true);
    assert.equal(isIn('192.168.4.0', '192.168.2.0/23'), false);
    assert.equal(isIn('1.2.3.4', '0.0.0.0/0'), true);
    assert.equal(isIn('1.2.3.4', '1.2.3.4'), true);
    assert.equal(isIn('1.2.3.5', '1.2.3.4/32'), false);
    assert.equal(isIn('2001:db8::1', '2001:db8::/32'), true);
    assert.equal(isIn('2001:db9::1', '2001:db8::/31'), true);
    assert.equal(isIn('2001:dba::1', '2001:db8::/31'), false);
    assert.equal(isIn('1.2.3.4', '::/0'), false);
  });

  test('what is no network is refused', () => {
    for (const text of ['', '1.2.3', '1.2.3.256', '1.2.3.4/33', '1.2.3.4/', '1.2.3.4/x', '::/129', 'fe80::1%lo', 'x']) {
      assert.equal(parseCidr(text), undefined, text);
    }
    assert.equal(parseCidr('10.0.0.1/8')?.exact, false);
    assert.equal(parseCidr('10.0.0.0/8')?.exact, true);
  });

  test('an IPv4 address within an IPv6 one is found', () => {
    assert.equal(mappedIpv4(binaryAddress('::ffff:1.2.3.4')), '\x01\x02\x03\x04');
    assert.equal(mappedIpv4(binaryAddress('::fffe:1.2.3.4')), null);
    assert.equal(mappedIpv4(binaryAddress('1.2.3.4')), null);
  });
});

describe('rules', () => {
  test('the first that applies counts, and where none does nothing is said', () => {
    const rules = 'deny 10.0.0.1; allow 10.0.0.0/8; allow 2001:db8::/32; deny 192.168.0.0/16;';
    assert.equal(judge(rules, '10.0.0.1'), 403);
    assert.equal(judge(rules, '10.0.0.2'), Outcome.Allowed);
    assert.equal(judge(rules, '2001:db8::7'), Outcome.Allowed);
    assert.equal(judge(rules, '192.168.1.1'), 403);
    assert.equal(judge(rules, '172.16.0.1'), Outcome.Next);
    assert.equal(judge(`${rules} deny all;`, '172.16.0.1'), 403);
    assert.equal(judge(`${rules} deny all;`, 'unix:'), 403);
  });

  test('unix: is for sockets of the file system alone', () => {
    assert.equal(judge('allow unix:; deny all;', 'unix:'), Outcome.Allowed);
    assert.equal(judge('allow unix:; deny all;', '127.0.0.1'), 403);
    assert.equal(judge('deny 127.0.0.1;', 'unix:'), Outcome.Next);
  });

  test('an IPv4 client of an IPv6 socket is judged by rules for IPv4', () => {
    assert.equal(judge('allow 10.0.0.0/8; deny all;', '::ffff:10.1.1.1'), Outcome.Allowed);
    assert.equal(judge('deny ::ffff:0:0/96;', '::ffff:10.1.1.1'), 403);
    assert.equal(judge('deny ::ffff:0:0/96; allow 10.0.0.0/8;', '::ffff:10.1.1.1'), Outcome.Allowed);
  });

  test("what is wrong is refused in nginx's words", () => {
    const of = (text: string) => complaint(`events {} http { server { location / { ${text} } } }`);
    assert.equal(of('allow example.org;'), `invalid parameter "example.org" in ${FILE}:1`);
    assert.equal(of('deny;'), `invalid number of arguments in "deny" directive in ${FILE}:1`);
    assert.equal(of('limit_except GET { root x; }'), `"root" directive is not allowed here in ${FILE}:1`);
    assert.equal(of('limit_except FOO { deny all; }'), `invalid method "FOO" in ${FILE}:1`);
    assert.equal(of('limit_except GET {} limit_except GET {}'), `"limit_except" directive is duplicate in ${FILE}:1`);
    assert.equal(of('satisfy some;'), `invalid value "some" in ${FILE}:1`);
    assert.equal(of('limit_except get Post { deny 1.2.3.4; allow all; }'), 'ok');
  });
});

describe('a server', () => {
  let server: TestServer;
  before(async () => {
    const locations = {
      '/none/': 'deny all;',
      '/mine/': 'allow 127.0.0.0/8; deny all;',
      '/others/': 'deny 127.0.0.1;',
      '/any/': 'satisfy any; deny all;',
      '/page/': 'deny all; error_page 403 =200 /mine/a;',
      '/read/': 'limit_except GET { deny all; }',
    };
    const blocks = Object.entries(locations).map(([path, text]) => `location ${path} { alias {root}/; ${text} }`);
    server = await TestServer.start({ server: blocks.join('\n') }, { a: 'here' });
  });
  after(() => server.stop());

  test('lets in and refuses', async () => {
    const statuses = async (path: string) => (await fetchOnce(server.port, path)).status;
    assert.equal(await statuses('/none/a'), 403);
    assert.equal(await statuses('/mine/a'), 200);
    assert.equal(await statuses('/others/a'), 403);
    assert.equal(await statuses('/any/a'), 403);
    await server.logged(/access forbidden by rule, client: 127\.0\.0\.1, server: test\.local, request: "GET \/any\/a/);
    assert.equal(server.errorLog().match(/access forbidden by rule/g)?.length, 3);
  });

  test('error_page stands in for a refusal', async () => {
    const reply = await fetchOnce(server.port, '/page/a');
    assert.deepEqual([reply.status, reply.body.toString()], [200, 'here']);
  });

  test('limit_except: GET and HEAD have the location, other methods the block', async () => {
    assert.equal((await fetchOnce(server.port, '/read/a')).status, 200);
    assert.equal((await fetchOnce(server.port, '/read/a', [], 'HEAD')).status, 200);
    for (const method of ['POST', 'DELETE', 'FOO']) {
      assert.equal((await fetchOnce(server.port, '/read/a', ['Content-Length: 0'], method)).status, 403, method);
    }
  });

  test('requests that follow on the connection are judged anew', async () => {
    const client = await Client.connect(server.port);
    client.get('/none/a').get('/mine/a').get('/none/a');
    const statuses = [(await client.reply()).status, (await client.reply()).status, (await client.reply()).status];
    assert.deepEqual(statuses, [403, 200, 403]);
    client.close();
  });
});
