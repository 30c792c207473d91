/** `map`, `geo` and `split_clients`: what their variables are. */
import { differential, get } from './harness.js';

const answer = (text: string) => `server { listen 127.0.0.1:{port}; location / { return 200 "${text}|"; } }`;

differential(
  'map',
  {
    http: `
map $arg_a $m {
  "" empty; default "d$arg_b"; foo 1; BAR 2; \\default esc; \\hostnames esch; \\~t tilde;
  ~^x(\\d+)$ "rx-$1"; ~*^yes(?<nm>.*)$ "named $nm $1"; ~^x 5; "two words" w;
}
map $arg_a $hn { hostnames; default no; example.com ex; *.example.com wild; .foo.org dot; www.* tail; www.a.* tail2; ~^re re; }
map $m$hn $nodef { a b; }
map $arg_a $re { ~(.)(.) $2$1; }
map $arg_v $vol { volatile; default $arg_v; }
map $uri $chain { default $m; }
map $arg_a $http_named { default of_the_map; }
map $uri $twice { default first; }
map $uri $twice { default second; }
${answer('m=$m hn=$hn nd=$nodef re=$re 1=$1 nm=$nm v=$vol ch=$chain h=$http_named t=$twice')}`,
  },
  [
    ...['', 'foo', 'FOO', 'bar', 'default', 'hostnames', '~t', 'x12', 'x', 'yesman', 'YES', 'two%20words'],
    ...['example.com', 'EXAMPLE.com.', 'a.example.com', 'a.b.example.com.', 'foo.org', 'b.foo.org', 'www.x', 'www.a.b'],
    ...['www.', 'www', '.example.com', 're', 're.', '..', '.', 'x12.', 'a.www.b', '\xc9', '\xe9'],
  ].map(text => get(`/?a=${text}&b=zz&v=q`)),
);

const texts = Array.from({ length: 60 }, (_, i) => `/${'abcdefghij'.repeat(2).slice(0, i % 17)}${i * 7919}`);

differential(
  'split_clients',
  {
    http: `
split_clients "\${uri}AAA" $s { 0.5% a; 10% b; 33.33% c; .01% x; 20% d; * e; }
split_clients $uri $t { 50% h; }
split_clients $arg_a $u { 1% a; 99% b; }
${answer('$s $t $u')}`,
  },
  [...texts, '/', '/?a=%ff%fe', '/?a=\xff\xfe\xfd', '/?a=\xff\xfe\xfd\x80\x81'].map(target => get(target)),
);

const networks = `default D; 127.0.0.0/8 L; 10.0.0.0/8 ten; 10.1.0.0/16 ten1; 10.1.2.3 exact; delete 10.9.0.0/16; ::1 six;
2001:db8::/32 doc; 2001:db8:1::/48 doc1; 255.255.255.255 none; 192.168.0.0/16 priv;`;
const ranges = `ranges; default D; 127.0.0.0-127.0.0.255 L; 10.0.0.0-10.255.255.255 ten; 10.1.0.0-10.1.255.255 ten1;
10.1.2.3-10.1.2.3 exact; 192.168.0.0-192.169.5.5 priv; 192.168.7.0-192.168.7.9 p7; delete 192.168.7.0-192.168.7.9;`;

const addresses = [
  ...['10.0.0.1', '10.1.2.3', '10.1.2.4', '10.9.1.1', '::1', '2001:db8::5', '2001:DB8:1::5', '::ffff:10.1.2.3'],
  ...['1.1.1.1', '', 'x', '10.1.2.3:80', '192.168.7.5', '192.169.5.5', '192.169.5.6', '010.01.2.3', 'unix:', '10.1.2'],
  ...['[::1]', '255.255.255.255'],
];
const forwarded = [
  ...['10.1.2.3, 192.168.1.1', '10.1.2.3,192.168.1.1,', '10.1.2.3 , x, 192.168.1.1', '[::1]:50'],
  ...[
    '10.1.2.3:0',
    '10.1.2.3:70000',
    '[10.1.2.3]:5',
    ' , ',
    '10.1.2.3:80, [::1]:7',
    '10.0.0.1,192.168.0.1,'.repeat(50),
  ],
];

differential(
  'geo',
  {
    http: `
geo $g { ${networks} }
map $arg_a $a { default $arg_a; }
geo $a $ga { ${networks} }
geo $arg_a $gn { ${networks} }
geo $r { ${ranges} }
geo $arg_a $ra { ${ranges} }
geo $p { ${networks} proxy 127.0.0.1; }
geo $pr { ${networks} proxy_recursive; proxy 127.0.0.1; proxy 192.168.0.0/16; proxy ::1; }
geo $rp { ${ranges} proxy 127.0.0.0/8; proxy 192.168.0.0/16; proxy_recursive; }
geo $empty { }
geo $er { ranges; }
geo $nod { 10.0.0.0/8 x; }
${answer('g=$g ga=$ga gn=$gn r=$r ra=$ra p=$p pr=$pr rp=$rp $empty $er $nod')}`,
  },
  [
    ...addresses.map(address => get(`/?a=${address}`)),
    ...[...addresses, ...forwarded].map(text => get('/', `X-Forwarded-For: ${text}`)),
    get('/', 'X-Forwarded-For: 1.1.1.1', 'X-Forwarded-For: 10.1.2.3'),
    get('/', 'X-Forwarded-For: 10.1.2.3', 'X-Forwarded-For: 192.168.3.3, ::1'),
  ],
);
