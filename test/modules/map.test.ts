/** `map`, `geo` and `split_clients`: what nginx refuses and warns of, and what a request keeps of them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { murmurHash2 } from '../../src/modules/split-clients.js';
import { build, complaint, FakeRequest, FILE, runPhase } from './fake-request.js';

function configuration(http: string, text = ''): string {
  return `events {} http { ${http} server { location / { return 200 '${text}'; } } }`;
}

/** What a text with variables comes to. */
function answer(http: string, text: string, args: string): { body: string; errors: readonly string[] } {
  const request = new FakeRequest(build(configuration(http, text)).servers[0]!, '/', args);
  return { body: bodyOf(request), errors: request.errors };
}

function bodyOf(request: FakeRequest): string {
  runPhase(request, 'rewrite');
  const [segment] = request.response.body;
  return segment !== undefined && 'bytes' in segment ? segment.bytes.toString('latin1') : '';
}

/** Refused, in the words of nginx 1.22.1. */
const refused: readonly (readonly [http: string, reason: string])[] = [
  ['map $uri x {}', 'invalid variable name "x"'],
  ['map $uri $x { a b c; }', 'invalid number of the map parameters'],
  ['map $uri $x { a; }', 'invalid number of the map parameters'],
  ['map $uri $x { default a; default b; }', 'duplicate default map parameter'],
  ['map $uri $x { a b; A c; }', 'conflicting parameter "a"'],
  ['map $uri $x { hostnames; *.a.* 1; }', 'invalid hostname or wildcard "*.a.*"'],
  ['map $uri $x { hostnames; a..b 1; }', 'invalid hostname or wildcard "a..b"'],
  ['map $uri $x { hostnames; * 1; }', 'invalid hostname or wildcard "*"'],
  ['map $uri $x { hostnames; .a.b 1; a.b 2; }', 'conflicting parameter "a.b"'],
  ['map $uri $x { hostnames; *.a.b 1; .a.b 2; }', 'conflicting parameter ".a.b"'],
  ['map $uri $x { hostnames; a.* 1; A.* 2; }', 'conflicting parameter "a.*"'],
  ['map $uri $x { ~( 1; }', 'pcre2_compile() failed: missing closing parenthesis in "("'],
  ['map $uri $x { a $nope; }', 'unknown "nope" variable'],
  ['map $uri $host { a b; }', 'the duplicate "host" variable'],
  ['map $uri $x { a { b c; } }', 'unexpected "{"'],
  ['map $uri { a b; }', 'invalid number of arguments in "map" directive'],
  ['map $uri $x;', 'directive "map" has no opening "{"'],
  ['map_hash_bucket_size x;', '"map_hash_bucket_size" directive invalid number'],
  ['map_hash_max_size 1; map_hash_max_size 1;', '"map_hash_max_size" directive is duplicate'],
  ['split_clients $uri x { * a; }', 'invalid variable name "x"'],
  ['split_clients $uri $x { 0% a; }', 'invalid percent value "0%"'],
  ['split_clients $uri $x { 1.234% a; }', 'invalid percent value "1.234%"'],
  ['split_clients $uri $x { 5 a; }', 'invalid percent value "5"'],
  ['split_clients $uri $x { 50% a; 50.01% b; }', 'percent total is greater than 100%'],
  ['split_clients $uri $x { * a; 5% b; }', 'percent total is greater than 100%'],
  ['geo x {}', 'invalid variable name "x"'],
  ['geo $uri y {}', 'invalid variable name "y"'],
  ['geo $x { 1.2.3.4 a b; }', 'invalid number of the geo parameters'],
  ['geo $x { proxy; }', 'invalid number of the geo parameters'],
  ['geo $x { 1.2.3 a; }', 'invalid network "1.2.3"'],
  ['geo $x { 1.2.3.4/33 a; }', 'invalid network "1.2.3.4/33"'],
  ['geo $x { ::1/129 a; }', 'invalid network "::1/129"'],
  ['geo $x { proxy x; }', 'invalid network "x"'],
  ['geo $x { 1.2.3.4 a; ranges; }', 'the "ranges" directive must be the first directive inside "geo" block'],
  ['geo $x { ranges; 1.2.3.4 a; }', 'invalid range "1.2.3.4"'],
  ['geo $x { ranges; 1.2.3.5-1.2.3.4 a; }', 'invalid range "1.2.3.5-1.2.3.4"'],
  ['geo $x { ranges; 1.2.3.4-1.2.3.5 a; 1.2.3.5-1.2.3.6 b; }', 'range "1.2.3.5-1.2.3.6" overlaps "1.2.3.4-1.2.3.5"'],
  [
    'geo $x { ranges; 1.2.3.4-1.5.0.0 a; 1.2.0.0-1.3.255.255 b; }',
    'range "1.2.0.0-1.3.255.255" overlaps "1.2.3.4-1.2.255.255"',
  ],
];

const warned: readonly (readonly [http: string, ...warnings: string[]])[] = [
  [
    'geo $x { 1.2.3.4/24 a; 1.2.3.0/24 b; }',
    'low address bits of 1.2.3.4/24 are meaningless',
    'duplicate network "1.2.3.0/24", value: "b", old value: "a"',
  ],
  ['geo $x { ::/64 a; delete ::/64; delete ::/64; }', 'no network "::/64" to delete'],
  [
    'geo $x { ranges; 1.2.3.4-1.2.3.5 a; 1.2.3.4-1.2.3.5 b; default 1; default 2; }',
    'duplicate range "1.2.3.4-1.2.3.5", value: "b", old value: "a"',
    'duplicate default geo range value: "2", old value: "1"',
  ],
  ['geo $x { ranges; delete 1.2.3.4-1.2.3.5; }', 'no address range "1.2.3.4-1.2.3.5" to delete'],
];

describe('map, geo and split_clients', () => {
  for (const [http, reason] of refused) {
    test(`refused: ${http}`, () => assert.equal(complaint(configuration(http)), `${reason} in ${FILE}:1`));
  }

  for (const [http, ...warnings] of warned) {
    test(`warned of: ${http}`, () => {
      assert.deepEqual(
        build(configuration(http)).warnings,
        warnings.map(text => `${text} in ${FILE}:1`),
      );
    });
  }

  test('a value is worked out once a request, a volatile one each time', () => {
    const http = 'map $arg_a $once { ~(.)$ $1; } map $arg_a $each { volatile; ~(.)$ $1; }';
    const request = new FakeRequest(build(configuration(http, '$once$each')).servers[0]!, '/', 'a=x');
    assert.equal(bodyOf(request), 'xx');
    request.args = 'a=y';
    assert.equal(bodyOf(request), 'xy');
    request.values.clear();
    assert.equal(bodyOf(request), 'yy');
  });

  test('a variable that is made of itself is empty there, and the error log says so', () => {
    const { body, errors } = answer('map $uri $a { default "<$b>"; } map $uri $b { default "[$a]"; }', '$a', '');
    assert.equal(body, '<[]>');
    assert.deepEqual(errors, ['error: cycle while evaluating variable "a"']);
  });

  test('a range that lies within another takes its place there, over the borders of blocks too', () => {
    const geo =
      'geo $arg_a $x { ranges; default d; 10.0.0.0-10.3.255.255 a; 10.0.255.250-10.1.255.255 b; 10.2.0.0-10.2.0.0 c; }';
    const at = (address: string) => answer(geo, '$x', `a=${address}`).body;
    const addresses = [
      '9.255.255.255',
      '10.0.255.249',
      '10.0.255.250',
      '10.1.255.255',
      '10.2.0.0',
      '10.2.0.1',
      '10.4.0.0',
    ];
    assert.equal(addresses.map(at).join(''), 'dabbcad');
  });

  test('the hash has the values of MurmurHash2', () => {
    assert.deepEqual(
      ['', 'a', 'ab', 'abc', 'abcd', 'abcde', '\xff\xfe\xfd\xfc\xfb'].map(murmurHash2),
      [0, 2456313694, 446775395, 324500635, 646393889, 1594468574, 4209270460],
    );
  });
});
