/** `dav_methods`: the file system that requests change is each server's own. */
import { type Case, cutOff, differential, head, kept } from './harness.js';

const http = `server { listen 127.0.0.1:{port}; root {dir}/temp;
  client_body_temp_path {dir}/temp/bodies;
  client_max_body_size 100k;
  location / { dav_methods PUT DELETE MKCOL COPY MOVE; create_full_put_path on; dav_access user:rw group:r all:r; }
  location /nopath/ { dav_methods PUT; }
  location /deep/ { dav_methods PUT DELETE MKCOL; create_full_put_path on; min_delete_depth 3; }
  location /off/ { }
  location /some/ { dav_methods put; create_full_put_path on; }
  location /alias/ { alias {dir}/temp/aliased/; dav_methods PUT COPY MOVE DELETE; create_full_put_path on; }
  location /gone/ { return 410; }
}`;

const date = 'Date: Tue, 15 Nov 1994 12:45:26 GMT';

function put(path: string, text: string, ...lines: string[]): string {
  return head('PUT', path, `Content-Length: ${text.length}`, ...lines) + text;
}
function chunked(path: string, ...chunks: string[]): string {
  const parts = chunks.map(each => `${each.length.toString(16)}\r\n${each}\r\n`);
  return `${head('PUT', path, 'Transfer-Encoding: chunked', date)}${parts.join('')}0\r\n\r\n`;
}
const get = (path: string) => head('GET', path);
const del = (path: string, ...lines: string[]) => head('DELETE', path, ...lines);
const mkcol = (path: string, ...lines: string[]) => head('MKCOL', path, ...lines);
const copy = (path: string, to: string, ...lines: string[]) => head('COPY', path, `Destination: ${to}`, ...lines);
const move = (path: string, to: string, ...lines: string[]) => head('MOVE', path, `Destination: ${to}`, ...lines);

/** Each in a folder of its own, named after the case. */
function cases(of: Readonly<Record<string, (at: string) => readonly string[]>>): Case[] {
  return Object.entries(of).map(([name, requests], i) => kept(name, ...requests(`/case${i}`)));
}

differential('dav', { http }, [
  ...cases({
    'PUT a new file and again': at => [
      put(`${at}/a`, 'one', date),
      get(`${at}/a`),
      put(`${at}/a`, 'another', date),
      get(`${at}/a`),
    ],
    'PUT nothing': at => [put(`${at}/a`, '', date), get(`${at}/a`)],
    'PUT in chunks': at => [
      chunked(`${at}/a`, 'one', 'two', 'x'.repeat(5000)),
      head('HEAD', `${at}/a`, 'Range: bytes=0-5'),
      chunked(`${at}/a`),
      get(`${at}/a?`),
    ],
    'PUT 100 KB': at => [put(`${at}/a`, 'y'.repeat(102_400), date), get(`${at}/a`)],
    'PUT with Expect': at => [put(`${at}/a`, 'one', 'Expect: 100-continue', date), get(`${at}/a`)],
    'PUT a bad date': at => [put(`${at}/a`, 'one', 'Date: yesterday')],
    'PUT to a collection': at => [put(`${at}/`, ''), put(`${at}/b/c`, 'x'), put(`${at}/b`, '')],
    'PUT a range': at => [put(`${at}/a`, '', 'Content-Range: bytes 0-2/10')],
    'PUT over a file as a folder': at => [put(`${at}/a`, 'x'), put(`${at}/a/b`, '')],
    'PUT without a length': at => [head('PUT', `${at}/a`)],
    'PUT with odd names': at => [
      put(`${at}/a%20b%3f%2b%25`, 'x', date),
      get(`${at}/a%20b%3f%2b%25`),
      put(`${at}/%c3%bc;"<`, 'x'),
    ],
    'PUT a long name': at => [put(`${at}/${'n'.repeat(300)}`, '')],
    'DELETE a file': at => [put(`${at}/a`, 'x'), del(`${at}/a`), get(`${at}/a`), del(`${at}/a`)],
    'DELETE with depths': at => [
      put(`${at}/a`, 'x'),
      del(`${at}/a`, 'Depth: 1'),
      del(`${at}/a`, 'Depth: x'),
      del(`${at}/a`, 'Depth: 0'),
      put(`${at}/b/c`, 'x'),
      del(`${at}/b/`, 'Depth: 0'),
      del(`${at}/b/`, 'Depth: infinity'),
      get(`${at}/b/c`),
    ],
    'DELETE a folder': at => [
      put(`${at}/b/c`, 'x'),
      put(`${at}/b/d/e`, 'x'),
      put(`${at}/b/.hidden`, 'x'),
      mkcol(`${at}/b/f/`),
      del(`${at}/b`),
      del(`${at}/b/`),
      get(`${at}/b/`),
      del(`${at}/b/`),
      del(`${at}/b/x`),
    ],
    'DELETE below a file': at => [put(`${at}/a`, 'x'), del(`${at}/a/`), del(`${at}/a/b`)],
    MKCOL: at => [
      mkcol(`${at}/`),
      mkcol(`${at}/`),
      mkcol(`${at}`),
      mkcol(`${at}/a/b/`),
      mkcol(`${at}/b/`, 'Content-Length: 0'),
      get(`${at}/b`),
    ],
    'COPY a file': at => [
      put(`${at}/a`, 'one', date),
      copy(`${at}/a`, `${at}/b`),
      get(`${at}/b`),
      get(`${at}/a`),
      copy(`${at}/a`, `${at}/b`, 'Overwrite: F'),
      copy(`${at}/a`, `${at}/b`, 'Overwrite: T'),
      copy(`${at}/a`, `${at}/b`, 'Overwrite: x'),
      copy(`${at}/a`, `${at}/c`, 'Overwrite: F'),
      get(`${at}/c`),
      copy(`${at}/a`, `${at}/d`, 'Depth: 0'),
      copy(`${at}/a`, `${at}/d`, 'Depth: 1'),
    ],
    'COPY without sense': at => [
      put(`${at}/a`, 'one'),
      head('COPY', `${at}/a`),
      copy(`${at}/a`, ''),
      copy(`${at}/a`, 'x'),
      copy(`${at}/a`, `${at}/b/`),
      copy(`${at}/`, `${at}2`),
      copy(`${at}/a`, `${at}/../../x`),
      copy(`${at}/a`, `${at}/%2e%2e/x`),
      copy(`${at}/a`, `${at}/%00`),
      copy(`${at}/a`, 'ftp://localhost/x'),
      copy(`${at}/a`, 'http://other/x'),
      copy(`${at}/a`, 'http://localhost'),
      copy(`${at}/nosuch`, `${at}/b`),
      copy(`${at}/a`, `${at}/nosuch/b`),
      copy(`${at}/a/x`, `${at}/b`),
      copy(`${at}/a`, `${at}/a/b`),
    ],
    'COPY by a URL': at => [
      put(`${at}/a`, 'one', date),
      copy(`${at}/a`, `http://localhost${at}/b%20c?d`),
      get(`${at}/b%20c`),
      copy(`${at}/a`, `http://localhost:80${at}/c`),
      get(`${at}/c`),
    ],
    'COPY by a URL in capitals': at => [put(`${at}/a`, 'one', date), copy(`${at}/a`, `HTTP://localhost${at}/c`)],
    'COPY by a URL with the host in capitals': at => [
      put(`${at}/a`, 'one', date),
      copy(`${at}/a`, `http://LOCALHOST${at}/c`),
    ],
    'COPY by a URL of a longer host': at => [
      put(`${at}/a`, 'one', date),
      copy(`${at}/a`, `http://localhost.org${at}/c`),
    ],
    'COPY a folder': at => [
      put(`${at}/a/b`, 'one', date),
      put(`${at}/a/c/d`, 'two', date),
      copy(`${at}/a/`, `${at}/z/`),
      get(`${at}/z/b`),
      get(`${at}/z/c/d`),
      put(`${at}/z/extra`, 'x'),
      copy(`${at}/a/`, `${at}/z/`, 'Overwrite: F'),
      copy(`${at}/a/`, `${at}/z/`),
      get(`${at}/z/extra`),
      get(`${at}/z/b`),
      copy(`${at}/a/`, `${at}/nosuch/z/`),
      copy(`${at}/a`, `${at}/y`),
      copy(`${at}/a/b`, `${at}/z`),
    ],
    'COPY a folder over a file': at => [
      put(`${at}/a/b`, 'one'),
      put(`${at}/f`, 'x'),
      copy(`${at}/a/`, `${at}/f/`),
      get(`${at}/f`),
    ],
    'MOVE a file': at => [
      put(`${at}/a`, 'one', date),
      move(`${at}/a`, `${at}/b`),
      get(`${at}/a`),
      get(`${at}/b`),
      put(`${at}/c`, 'x', date),
      move(`${at}/b`, `${at}/c`, 'Overwrite: F'),
      move(`${at}/b`, `${at}/c`),
      get(`${at}/c`),
      move(`${at}/c`, `${at}/d`, 'Depth: 0'),
      move(`${at}/nosuch`, `${at}/d`),
      move(`${at}/c`, `${at}/nosuch/d`),
    ],
    'MOVE a folder': at => [
      put(`${at}/a/b`, 'one', date),
      move(`${at}/a/`, `${at}/z/`),
      get(`${at}/z/b`),
      get(`${at}/a/b`),
      put(`${at}/y/x`, 'x'),
      move(`${at}/z/`, `${at}/y/`),
      get(`${at}/y/x`),
      get(`${at}/y/b`),
    ],
    'bodies where none belongs': at => [
      head('DELETE', `${at}/a`, 'Content-Length: 0'),
      `${head('DELETE', `${at}/a`, 'Content-Length: 1')}x`,
    ],
    'MKCOL with a body': at => [`${mkcol(`${at}/a/`, 'Content-Length: 1')}x`],
    'COPY with a body': at => [`${copy(`${at}/a`, `${at}/b`, 'Content-Length: 1')}x`],
    'POST and OPTIONS': at => [
      head('OPTIONS', `${at}/a`),
      head('PROPFIND', `${at}/a`),
      head('POST', `${at}/a`, 'Content-Length: 0'),
    ],
  }),
  kept('no folder', put('/nopath/a/b', 'x')),
  kept('too large', put('/large', 'x'.repeat(102_401))),
  kept('too large in chunks', chunked('/chunks', 'x'.repeat(60_000), 'x'.repeat(60_000))),
  kept('a broken chunk', `${head('PUT', '/broken', 'Transfer-Encoding: chunked')}3\r\nabcdef`, get('/broken')),
  cutOff('the client leaves', `${head('PUT', '/left', 'Content-Length: 10')}abc`),
  cutOff('the client leaves between chunks', `${head('PUT', '/left2', 'Transfer-Encoding: chunked')}3\r\nabc\r\n`),
  kept(
    'depth',
    put('/deep/a/b', 'x'),
    del('/deep/a/'),
    del('/deep/'),
    del('/deep/a/b'),
    mkcol('/deep/a/c/'),
    del('/deep/a/c/'),
  ),
  kept('off', put('/off/a', ''), del('/off/a')),
  kept('some', put('/some/a', 'x'), del('/some/a')),
  kept(
    'alias',
    put('/alias/a', 'one', date),
    get('/alias/a'),
    copy('/alias/a', '/alias/b'),
    get('/alias/b'),
    move('/alias/b', '/alias/c'),
    get('/alias/c'),
    del('/alias/c'),
  ),
  kept('return first', put('/gone/a', 'x')),
]);
