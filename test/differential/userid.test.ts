/** `userid`: the same cookies for the same clients, and what logs say of them. */
import { ask, differential, get, head, kept, raw } from './harness.js';

/** 127.0.0.1, a second of 2023, a process, a counter. */
const OWN = Buffer.from('7f00000165536f80112233440303a302', 'hex').toString('base64');
const START = OWN.slice(0, 22);

const locations: Readonly<Record<string, string>> = {
  on: 'userid on;',
  v1: 'userid v1;',
  v1service: 'userid v1; userid_service 258;',
  log: 'userid log;',
  off: 'userid off;',
  all: 'userid on; userid_name ID; userid_domain example.org; userid_path /all; userid_p3p "CP=\\"X\\""; userid_service 258;',
  none: 'userid on; userid_domain none; userid_p3p none; userid_expires off; userid_mark off; userid_flags off;',
  max: 'userid on; userid_expires max;',
  day: 'userid on; userid_expires 1d; userid_domain x; userid_flags secure;',
  years: 'userid on; userid_expires 30y;',
  flags: 'userid on; userid_flags secure httponly samesite=strict;',
  many: 'userid on; userid_flags samesite=none samesite=lax samesite=strict; userid_flags off HTTPONLY;',
  mark: 'userid on; userid_mark x; userid_expires max; userid_p3p P;',
  equals: 'userid on; userid_mark =;',
  reset: 'userid on; set $uid_reset $arg_reset;',
  headers: 'userid on; add_header X "$uid_got, $uid_set" always; add_header Set-Cookie a=b;',
};

const http = `
server { listen 127.0.0.1:{port}; root {root}; error_page 410 /on/410;
  ${Object.entries(locations)
    .map(([name, text]) => `location /${name}/ { alias {root}/; ${text} location /${name}/gone { return 410; } }\n`)
    .join('')}
}`;

const cookies = [
  `uid=${OWN}`,
  `UID=${OWN}; a=b`,
  `a=b; uid = ${START}`,
  `a=b, uid=${START}x=; c`,
  `uid=${START}x=trail`,
  `xuid=${OWN}; uid=${OWN}`,
  `ID=${START}`,
];
const bad = ['uid=', 'uid=short', `uid=${'A'.repeat(24)}`, 'uid', `uid=${START.slice(0, 21)}`, ''];

differential('userid', { http, files: { 'a.txt': 'hello, world' }, log: '"$uid_got" "$uid_set" "$cookie_uid"' }, [
  ...Object.keys(locations).flatMap(name => [
    get(`/${name}/a.txt`),
    ...cookies.map(cookie => get(`/${name}/a.txt`, `Cookie: ${cookie}`)),
  ]),
  ...['on', 'mark', 'log', 'off'].flatMap(name => bad.map(cookie => get(`/${name}/a.txt`, `Cookie: ${cookie}`))),
  ...['', '0', '00', '1', 'log', 'logs'].flatMap(value => [
    get(`/reset/a.txt?reset=${value}`),
    get(`/reset/a.txt?reset=${value}`, `Cookie: uid=${OWN}`),
  ]),
  get('/on/a.txt', 'Cookie: a=b', `Cookie: uid=${OWN}`),
  ask('HEAD', '/on/a.txt'),
  get('/on/none'),
  get('/on/gone'),
  get('/headers/none'),
  get('/log/gone'),
  get('/on/a.txt', 'If-Modified-Since: Fri, 20 Nov 2026 10:46:31 GMT'),
  get('/on/a.txt', 'If-Match: "x"'),
  get('/on/a.txt', 'Range: bytes=1-2'),
  get('/on/a.txt', 'Range: bytes=100-'),
  raw('HTTP/1.0', 'GET /on/a.txt HTTP/1.0\r\n\r\n'),
  raw('HTTP/0.9', 'GET /on/a.txt\r\n'),
  kept('one after the other', head('GET', '/on/a.txt', `Cookie: uid=${OWN}`), head('GET', '/on/a.txt')),
]);
