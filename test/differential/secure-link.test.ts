/** `secure_link` in both of its forms. */
import { createHash } from 'node:crypto';
import { differential, get } from './harness.js';

function checksum(text: string): string {
  return createHash('md5').update(text).digest('base64url');
}

function hex(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

const far = '4102444800';
const past = '1000000000';
const good = (uri: string, end: string) => `${uri}?h=${checksum(`${end}${uri} secret`)}&e=${end}`;
const show = 'return 200 "[$secure_link] [$secure_link_expires]";';

const http = `
server { listen 127.0.0.1:{port}; root {root};
  secure_link $arg_h,$arg_e;
  secure_link_md5 "$arg_e$uri secret";
  location /ended/ { ${show} }
  location /plain/ { secure_link $arg_h; secure_link_md5 "$uri secret"; ${show} }
  location /late/ { return 200 "[$secure_link_expires] [$secure_link]"; }
  location /own/ { secure_link_md5 "own $uri"; secure_link $arg_h; ${show} }
  location /half/ { secure_link_md5 "half"; secure_link $arg_h; location /half/in/ { secure_link_md5 "in"; ${show} } ${show} }
  location /old/ { secure_link_secret word; ${show} }
  location /p { secure_link_secret "two words"; ${show} }
}
server { listen 127.0.0.1:{port}; server_name none; ${show} }
`;

const old = (link: string, secret = 'word') => `/old/${hex(link + secret)}/${link}`;
const plain = checksum('/plain/a secret');

differential('secure_link', { http, log: '$secure_link' }, [
  get(good('/ended/a', far)),
  get(good('/ended/a', past)),
  get(good('/ended/a', far).replace('/ended/a', '/ended/b')),
  get(good('/ended/a', '0')),
  get(good('/ended/a', '')),
  get(good('/ended/a', '-1')),
  get(good('/ended/a', 'x')),
  get(good('/ended/a', '1h')),
  get(good('/ended/a', '10,5')),
  get(good('/ended/a', '99999999999999999999')),
  get('/ended/a'),
  get(`/ended/a?h=&e=${far}`),
  get(`/ended/a?h=${checksum('x')}x&e=${far}`),
  get(good('/late/a', far)),
  ...[
    plain,
    `${plain}==`,
    `${plain}=`,
    `${plain}a`,
    `${plain}ab`,
    `${plain}abc`,
    plain.slice(1),
    plain.slice(0, 21),
    'x',
  ].map(h => get(`/plain/a?h=${h}`)),
  get(`/plain/a?h=${plain.replace(/.$/, '+')}`),
  get(`/plain/a?h=${plain.replace(/.$/, '*')}`),
  get(`/plain/a?h=${plain},${far}`),
  get(`/plain/a?h=${plain},`),
  get(`/own/a?h=${checksum('own /own/a')}`),
  get(`/half/a?h=${checksum('half')}`),
  get(`/half/in/a?h=${checksum('in')}`),
  get(`/half/in/a?h=${checksum('half')}`),
  get(old('file')),
  get(old('a/b/c')),
  get(old('file?x=1')),
  get(old('%41')),
  get(old('file', 'other')),
  get(old('')),
  get(old('file').toUpperCase().replace('/OLD/', '/old/').replace('FILE', 'file')),
  get(`/old/${hex('fileword')}`),
  get(`/old/${hex('fileword').slice(1)}/file`),
  get(`/old/${hex('fileword').slice(1)}x/file`),
  get(`/old/x/${hex('fileword')}/file`),
  get(`/p/${hex('linktwo words')}/link`),
  get(`/prefix/${hex('linktwo words')}/link`),
  get('/old/'),
  get('/p'),
  get('/', 'Host: none'),
]);
