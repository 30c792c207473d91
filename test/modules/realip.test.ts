/** `set_real_ip_from` and `real_ip_header`: what is refused, and peers that pairs cannot have. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { build, complaint, FakeRequest, FILE, runPhase } from './fake-request.js';

function configuration(inside: string): string {
  return `events {} http { server { ${inside} location / {} } }`;
}

const notFound = (name: string) =>
  `host not found in set_real_ip_from "${name}" (names are not looked up: give an address) in ${FILE}:1`;

describe('realip', () => {
  test('what is refused', () => {
    for (const [inside, message] of [
      ['set_real_ip_from example.org;', notFound('example.org')],
      ['set_real_ip_from 1.2.3.4/33;', notFound('1.2.3.4/33')],
      ['set_real_ip_from;', `invalid number of arguments in "set_real_ip_from" directive in ${FILE}:1`],
      ['real_ip_header a; real_ip_header b;', `"real_ip_header" directive is duplicate in ${FILE}:1`],
      [
        'real_ip_recursive x;',
        `invalid value "x" in "real_ip_recursive" directive, it must be "on" or "off" in ${FILE}:1`,
      ],
      ['listen 80 proxy_protocol=on;', `invalid parameter "proxy_protocol=on" in ${FILE}:1`],
    ]) {
      assert.equal(complaint(configuration(inside!)), message);
    }
  });

  test('bits behind the network are warned of', () => {
    assert.deepEqual(build(configuration('set_real_ip_from 1.2.3.4/24;')).warnings, [
      `low address bits of 1.2.3.4/24 are meaningless in ${FILE}:1`,
    ]);
  });

  const client = (proxies: string, peer: string) => {
    const config = build(configuration(`${proxies} real_ip_header proxy_protocol;`));
    const request = new FakeRequest(config.servers[0]!, '/');
    const proxy = {
      ...{ sourceAddress: '9.9.9.9', sourcePort: 99 },
      ...{ destinationAddress: '8.8.8.8', destinationPort: 88, records: null },
    };
    Object.assign(request.peer, { remoteAddress: peer, proxy });
    runPhase(request, 'serverRewrite');
    runPhase(request, 'preaccess');
    return `${request.client.remoteAddress} ${request.client.remotePort}`;
  };

  test('peers of unix sockets, and IPv4 in IPv6, are found in the networks that are believed', () => {
    assert.equal(client('set_real_ip_from unix:;', 'unix:'), '9.9.9.9 99');
    assert.equal(client('set_real_ip_from 0.0.0.0/0; set_real_ip_from ::/0;', 'unix:'), 'unix: 50000');
    assert.equal(client('set_real_ip_from 10.0.0.0/8;', '::ffff:10.1.2.3'), '9.9.9.9 99');
    assert.equal(client('set_real_ip_from localhost;', '::1'), '9.9.9.9 99');
    assert.equal(client('set_real_ip_from localhost;', '127.0.0.2'), '127.0.0.2 50000');
  });
});
