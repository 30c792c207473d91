/** Every form of what COPY, MOVE, DELETE, MKCOL and PUT are told: headers, slashes, depths, and things that are in the way. */
import { cases, chunked, copy, date, del, destinations, get, mkcol, move, put } from './dav-requests.js';
import { apart, differential, head } from './harness.js';

const all = 'dav_methods PUT DELETE MKCOL COPY MOVE; create_full_put_path on';

const http = `
server {
  listen 127.0.0.1:{port};
  server_name localhost;
  root {dir}/temp;
  client_body_temp_path {dir}/temp/bodies;
  location / { ${all}; }
  location /two/ { ${all}; min_delete_depth 2; }
  location /five/ { ${all}; min_delete_depth 5; }
  location /whole/ { alias {dir}/temp/whole/; ${all}; autoindex on; }
  location /root/ { alias {dir}/temp/aroot/; ${all}; }
  location /elsewhere/ { root {root}; }
  location /users/ { ${all}; dav_access all:rw; }
  location /groups/ { ${all}; dav_access group:rw all:r; }
  location /nobody/ { ${all}; dav_access user:r; }
  location /limited/ { ${all}; limit_except GET { deny all; } }
}
server {
  listen 127.0.0.1:{port};
  server_name other;
  root {dir}/temp;
  location / { ${all}; }
}`;

const depths = ['0', '1', 'infinity', 'Infinity', 'INFINITY', '2', '-1', '00', '', 'infinity ', '0, infinity', '1x'];
const overwrites = ['T', 'F', 't', 'f', 'TT', 'true', '', '0'];

differential('dav-forms', { http }, [
  ...cases(
    Object.fromEntries(
      ['COPY', 'MOVE'].flatMap(method =>
        destinations.map((form, i) => [
          `${method} to ${JSON.stringify(form.length > 60 ? `${form.slice(0, 20)}… of ${form.length}` : form)}`,
          (at: string) => {
            const to = form.startsWith('AT') ? `/${form}` : form;
            return [
              put(`${at}/from`, `${i}`, date),
              head(method, `${at}/from`, `Destination: ${to.replaceAll('/AT', at)}`),
              get(`${at}/from`),
              get(`${at}/to`),
              get(`${at}/a%20b`),
            ];
          },
        ]),
      ),
    ),
    apart,
  ),
  ...cases(
    {
      'no Destination': at => [put(`${at}/a`, 'x'), head('COPY', `${at}/a`), head('MOVE', `${at}/a`)],
      'Destination twice': at => [
        put(`${at}/a`, 'x', date),
        copy(`${at}/a`, `${at}/b`, `Destination: ${at}/c`),
        get(`${at}/b`),
        get(`${at}/c`),
      ],
      'onto itself': at => [
        put(`${at}/a`, 'x', date),
        copy(`${at}/a`, `${at}/a`),
        get(`${at}/a`),
        put(`${at}/f/b`, 'y', date),
        copy(`${at}/f/`, `${at}/f/`),
        get(`${at}/f/b`),
      ],
      'MOVE onto itself': at => [put(`${at}/a`, 'x', date), move(`${at}/a`, `${at}/a`), get(`${at}/a`)],
      'COPY by HTTP/1.0 and without Host': at => [
        put(`${at}/a`, 'x'),
        `COPY ${at}/a HTTP/1.0\r\nDestination: http://localhost${at}/b\r\n\r\n`,
      ],
      'COPY by another Host': at => [
        put(`${at}/a`, 'x', 'Host: other'),
        copy(`${at}/a`, `http://other${at}/b`, 'Host: other'),
        copy(`${at}/a`, `http://localhost${at}/c`, 'Host: other'),
        copy(`${at}/a`, `http://other:99${at}/d`, 'Host: other:98'),
      ],
      'COPY from an encoded name': at => [
        put(`${at}/a%20%25b`, 'x', date),
        copy(`${at}/a%20%25b`, `${at}/c%20%25d`),
        get(`${at}/c%20%25d`),
        copy(`${at}/a%20%25b?query`, `${at}/e`),
        get(`${at}/e`),
      ],
      'COPY with Depth': at => [
        put(`${at}/a`, 'x', date),
        put(`${at}/f/b`, 'y', date),
        put(`${at}/f/g/c`, 'z', date),
        ...depths.flatMap((depth, i) => [
          copy(`${at}/a`, `${at}/a${i}`, `Depth: ${depth}`),
          copy(`${at}/f/`, `${at}/f${i}/`, `Depth: ${depth}`),
          get(`${at}/f${i}/b`),
          get(`${at}/f${i}/g/c`),
        ]),
      ],
      'MOVE with Depth': at =>
        depths.flatMap((depth, i) => [
          put(`${at}/a`, 'x', date),
          put(`${at}/f/b`, 'y', date),
          move(`${at}/a`, `${at}/a${i}`, `Depth: ${depth}`),
          move(`${at}/f/`, `${at}/f${i}/`, `Depth: ${depth}`),
          get(`${at}/f${i}/b`),
        ]),
      'DELETE with Depth': at =>
        depths.flatMap(depth => [
          put(`${at}/a`, 'x'),
          put(`${at}/f/b`, 'y'),
          del(`${at}/a`, `Depth: ${depth}`),
          del(`${at}/f/`, `Depth: ${depth}`),
          del(`${at}/f/b`, `Depth: ${depth}`),
        ]),
      'MKCOL with Depth': at => [mkcol(`${at}/`), ...depths.map((depth, i) => mkcol(`${at}/${i}/`, `Depth: ${depth}`))],
      'PUT with Depth and Overwrite': at => [
        put(`${at}/a`, 'x', 'Depth: x', 'Overwrite: x'),
        put(`${at}/a`, 'x', 'Overwrite: F'),
      ],
      'COPY with Overwrite': at => [
        put(`${at}/a`, 'x', date),
        put(`${at}/f/b`, 'y', date),
        ...overwrites.flatMap((word, i) => [
          copy(`${at}/a`, `${at}/new${i}`, `Overwrite: ${word}`),
          copy(`${at}/a`, `${at}/new${i}`, `Overwrite: ${word}`),
          copy(`${at}/f/`, `${at}/folder${i}/`, `Overwrite: ${word}`),
          copy(`${at}/f/`, `${at}/folder${i}/`, `Overwrite: ${word}`),
        ]),
      ],
      'MOVE with Overwrite': at =>
        overwrites.flatMap((word, i) => [
          put(`${at}/a`, 'x', date),
          put(`${at}/there`, 'z', date),
          move(`${at}/a`, `${at}/there`, `Overwrite: ${word}`),
          get(`${at}/there`),
          put(`${at}/a`, 'x', date),
          move(`${at}/a`, `${at}/new${i}`, `Overwrite: ${word}`),
        ]),
      'COPY with slashes': at => [
        put(`${at}/a`, 'x'),
        put(`${at}/f/b`, 'y'),
        ...['a', 'a/', 'f', 'f/', 'none', 'none/'].flatMap((from, i) =>
          ['a', 'a/', 'f', 'f/', `new${i}`, `new${i}/`]
            .filter(to => to.replace('/', '') !== from.replace('/', ''))
            .map(to => copy(`${at}/${from}`, `${at}/${to}`, 'Overwrite: F')),
        ),
      ],
      'MOVE with slashes': at => [
        put(`${at}/a`, 'x'),
        put(`${at}/f/b`, 'y'),
        ...['a', 'a/', 'f', 'none', 'none/'].flatMap((from, i) =>
          ['a/', 'f', 'f/', `new${i}/`]
            .filter(to => to.replace('/', '') !== from.replace('/', ''))
            .map(to => move(`${at}/${from}`, `${at}/${to}`, 'Overwrite: F')),
        ),
      ],
      'COPY a folder onto what is there': at => [
        put(`${at}/f/b`, 'y', date),
        put(`${at}/g/c`, 'z', date),
        put(`${at}/file`, 'x', date),
        copy(`${at}/f/`, `${at}/g/`),
        get(`${at}/g/b`),
        get(`${at}/g/c`),
        copy(`${at}/f/`, `${at}/file/`),
        copy(`${at}/file`, `${at}/g`),
        copy(`${at}/file`, `${at}/g/b`),
        get(`${at}/g/b`),
        copy(`${at}/f/`, `${at}/file/in/`),
        copy(`${at}/file`, `${at}/file/in`),
        copy(`${at}/f/b`, `${at}/g/h/i`),
      ],
      'MOVE a folder onto what is there': at => [
        put(`${at}/f/b`, 'y', date),
        put(`${at}/g/c`, 'z', date),
        put(`${at}/file`, 'x', date),
        move(`${at}/f/`, `${at}/g/`),
        get(`${at}/g/b`),
        get(`${at}/g/c`),
        move(`${at}/g/`, `${at}/none/g/`),
        get(`${at}/g/b`),
        move(`${at}/file`, `${at}/none/file`),
        get(`${at}/file`),
      ],
      'a folder with many things': at => [
        ...Array.from({ length: 40 }, (_, i) => put(`${at}/f/d${i % 5}/${i}`, `${i}`, date)),
        mkcol(`${at}/f/empty/`),
        put(`${at}/f/.hidden`, 'h', date),
        copy(`${at}/f/`, `${at}/g/`),
        get(`${at}/g/d3/38`),
        get(`${at}/g/.hidden`),
        mkcol(`${at}/g/empty/`),
        move(`${at}/g/`, `${at}/h/`),
        get(`${at}/h/d3/38`),
        del(`${at}/h/`),
        get(`${at}/h/d3/38`),
        get(`${at}/f/d3/38`),
      ],
      'DELETE forms': at => [
        put(`${at}/f/b`, 'y'),
        del(`${at}/f`),
        del(`${at}/f/b/`),
        del(`${at}/f/b/c`),
        del(`${at}//f//b`),
        del(`${at}/f/.`),
        del(`${at}/f/../f/`),
        del(`${at}/f/`),
        del(`${at}/?x`),
        del(`${at}`),
      ],
      'MKCOL forms': at => [
        mkcol(`${at}/`),
        mkcol(`${at}/f`),
        mkcol(`${at}/f/?query`),
        mkcol(`${at}/f/.`),
        mkcol(`${at}/g/../h/`),
        mkcol(`${at}/%00/`),
        mkcol(`${at}/a%20b/`),
        put(`${at}/file`, 'x'),
        mkcol(`${at}/file/`),
        mkcol(`${at}/file/in/`),
        mkcol(`${at}/${'n'.repeat(256)}/`),
        `${head('MKCOL', `${at}/chunks/`, 'Transfer-Encoding: chunked')}0\r\n\r\n`,
      ],
      'PUT forms': at => [
        put(`${at}/a`, 'x', date, 'Last-Modified: Mon, 14 Nov 1994 12:45:26 GMT'),
        head('HEAD', `${at}/a`),
        put(`${at}/a?query`, 'xy', date),
        get(`${at}/a`),
        put(`${at}/b/../c`, 'x', date),
        get(`${at}/c`),
        put(`${at}//d`, 'x', date),
        get(`${at}/d`),
        put(`${at}/a/`, 'x'),
        put(`${at}/a/in`, 'x'),
        put(`${at}/%00`, 'x'),
        put(`${at}/a`, 'x', 'Content-Range: bytes */1'),
        put(`${at}/a`, 'x', 'Content-Range: '),
        put(`${at}/a`, 'conditional', date, 'If-None-Match: *'),
        put(`${at}/a`, 'conditional', date, 'If-Match: "x"'),
        put(`${at}/a`, 'conditional', date, 'If-Unmodified-Since: Tue, 15 Nov 1984 12:45:26 GMT'),
        get(`${at}/a`),
        put(`${at}/gz`, 'x', date, 'Content-Encoding: gzip', 'Content-Type: text/x'),
        get(`${at}/gz`),
      ],
      'PUT with times': at =>
        [
          'Tue, 15 Nov 1994 12:45:26 GMT',
          'Tuesday, 15-Nov-94 12:45:26 GMT',
          'Tue Nov 15 12:45:26 1994',
          'Thu, 01 Jan 1970 00:00:00 GMT',
          'Thu, 31 Dec 2099 23:59:59 GMT',
        ].flatMap((time, i) => [put(`${at}/${i}`, 'x', `Date: ${time}`), head('HEAD', `${at}/${i}`)]),
      'PUT over folders': at => [
        mkcol(`${at}/`),
        mkcol(`${at}/f/`),
        put(`${at}/f`, 'x'),
        put(`${at}/f/g/h`, 'x'),
        put(`${at}/f/g`, 'x'),
      ],
      'PUT in chunks': at => [
        chunked(`${at}/a`, 'a', 'b'.repeat(9000)),
        get(`${at}/a`),
        `${head('PUT', `${at}/b`, 'Transfer-Encoding: chunked', date)}3;x=y\r\nabc\r\n0\r\nX-Trailer: y\r\n\r\n`,
        get(`${at}/b`),
      ],
      'POST, PROPFIND, LOCK': at => [
        ...['POST', 'PROPFIND', 'PROPPATCH', 'LOCK', 'UNLOCK', 'PATCH'].map(method =>
          head(method, `${at}/a`, 'Content-Length: 0'),
        ),
      ],
    },
    apart,
  ),
  apart(
    'the depth of a DELETE',
    ...[
      '/two/',
      '/two',
      '/two/a',
      '/two/a/',
      '/two/a/b',
      '/five/a/b/c',
      '/five/a/b/c/',
      '/five/a/b/c/d',
      '/five/a/b/c/d/',
    ].map(path => del(path)),
  ),
  apart(
    'rights',
    put('/users/a', 'x', date),
    get('/users/a'),
    put('/groups/b/c', 'x', date),
    get('/groups/b/c'),
    put('/nobody/d', 'x', date),
    get('/nobody/d'),
  ),
  apart(
    'methods that others may not use',
    put('/limited/a', 'x'),
    del('/limited/a'),
    mkcol('/limited/b/'),
    move('/limited/a', '/x'),
    get('/limited/a'),
  ),
  apart(
    'to another location',
    put('/from', 'x', date),
    copy('/from', '/elsewhere/to'),
    copy('/from', '/limited/to'),
    get('/limited/to'),
    mkcol('/elsewhere/'),
    mkcol('/limited/'),
    copy('/from', '/elsewhere/to'),
    copy('/from', '/limited/to'),
    get('/elsewhere/to'),
  ),
  apart(
    'an alias',
    put('/whole/a', 'x', date),
    copy('/whole/a', '/whole/b'),
    get('/whole/b'),
    copy('/whole/a', '/whole/../c'),
    copy('/whole/a', '/whole'),
  ),
  apart('a whole root', put('/root/y/z', 'x', date), del('/root/'), get('/root/y/z')),
]);
