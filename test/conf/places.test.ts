import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConfigSource, parseConfig } from '../../src/conf/parser.js';
import { placesOf, withChanges } from '../../src/conf/places.js';
import { FILE, TABLE } from '../modules/fake-request.js';

const text = `events {}
http {
  sendfile on;
  server {
    listen 8080; server_name a b;
    location / { sendfile off; location /deep/ { } }
    location = /x { }
  }
  server {
    listen 127.0.0.1:9090;
    output_buffers 1 4k;
    location ~ \\.dat$ { }
  }
}`;

const source: ConfigSource = { read: () => text, glob: () => [] };
const { nodes } = parseConfig(FILE, source);
const places = (changed = nodes) =>
  placesOf(changed, TABLE.build(changed, { prefix: '/srv/' })).map(({ id, kind, name, line, settings }) => {
    const { count, size } = settings.outputBuffers;
    return [id, kind, name, line, settings.sendfile, `${count} ${size}`];
  });

test('places are the servers and their locations, with what holds there', () => {
  assert.deepEqual(places(), [
    ['0', 'server', 'a b on 8080', 4, true, '2 32768'],
    ['0/0', 'location', '/', 6, false, '2 32768'],
    ['0/0/0', 'location', '/deep/', 6, false, '2 32768'],
    ['0/1', 'location', '= /x', 7, true, '2 32768'],
    ['1', 'server', '127.0.0.1:9090', 9, true, '1 4096'],
    ['1/0', 'location', '~ \\.dat$', 12, true, '1 4096'],
  ]);
});

test('a change holds in its place and what inherits from it, in the place of what the file says', () => {
  const changes = new Map([
    ['0', new Map([['sendfile', ['off']]])],
    ['0/0', new Map([['sendfile', ['on']]])],
    ['1', new Map([['output_buffers', ['4', '8k']]])],
  ]);
  assert.deepEqual(
    places(withChanges(nodes, changes) as typeof nodes).map(([id, , , , sendfile, buffers]) => [id, sendfile, buffers]),
    [
      ['0', false, '2 32768'],
      ['0/0', true, '2 32768'],
      ['0/0/0', true, '2 32768'],
      ['0/1', false, '2 32768'],
      ['1', true, '4 8192'],
      ['1/0', true, '4 8192'],
    ],
  );
  // the tree that was read stays as it is
  assert.equal(places()[0][4], true);
  assert.equal(withChanges(nodes, new Map()), nodes);
});

test('a value that cannot be is refused as in a file', () => {
  const changed = withChanges(nodes, new Map([['0/1', new Map([['output_buffers', ['0', '1k']]])]]));
  assert.throws(() => places(changed as typeof nodes), /"output_buffers" directive invalid value in .*test\.conf:7/);
});
