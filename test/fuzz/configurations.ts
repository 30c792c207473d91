import assert from 'node:assert/strict';
import { parseConfig } from '../../src/conf/parser.js';
import { ConfigError } from '../../src/conf/syntax.js';
import { FILE, TABLE } from '../modules/fake-request.js';
import type { Target } from './target.js';

const included = 'gzip off; # included\n';

/** The parser of configurations and the table of directives: what is wrong is told as a mistake in the file, and nothing else is thrown. */
export const configurations: Target = {
  name: 'configurations',
  seeds: [
    'events { worker_connections 64; }\nhttp {\n  server { listen 127.0.0.1:80; root /srv; location / { index a b; } }\n}\n',
    `events {} http { log_format f escape=json "$uri \${args}x"; access_log /a f buffer=1k; include *.conf; server {} }`,
    'user a; worker_processes 2; events {} http { types { text/plain txt; } server { server_name ~^(?<n>.+)$ *.b; } }',
    "events {} http { server { location ~* \\.(?:a|b)$ { return 301 'x\\'y'; } location = /q { try_files $uri =404; } } }",
    'events {} http { server { location / { error_page 404 =200 /e; add_header X "a b" always; expires 1d; deny all; } } }',
  ],
  pieces: [
    ...['{', '}', ';', '"', "'", '\\', '$', '${', '#', '\n', ' ', '~', '=', '@', 'on', 'off', '1k', '-1', '\0', '\xff'],
    ...[
      'server {',
      'location / {',
      'if ($uri) {',
      'include x;',
      'listen 80;',
      'root a;',
      'map $uri $a { a b; }',
      '(',
      ')',
      '[',
      '*',
    ],
  ],
  try(text) {
    try {
      const { nodes } = parseConfig(FILE, {
        read: path => (path === FILE ? text : included),
        glob: () => ['/a', '/b'],
      });
      TABLE.build(nodes, { prefix: '/srv/' });
      return true;
    } catch (error) {
      assert.ok(error instanceof ConfigError, `${error instanceof Error ? error.stack : error}`);
      assert.ok(error.message.length < 10 * text.length + 1000);
      return false;
    }
  },
};
