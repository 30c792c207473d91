import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readChange } from '../../src/console/control.js';
import { Refusal } from '../../src/console/host.js';

const read = (value: unknown) => {
  const { place, settings } = readChange(typeof value === 'string' ? value : JSON.stringify(value));
  return [place, Object.fromEntries(settings)];
};

test('what can be asked for', () => {
  assert.deepEqual(read({ place: '0', sendfile: 'off' }), ['0', { sendfile: ['off'] }]);
  assert.deepEqual(read({ place: '1/0/12', output_buffers: ' 4  64k ' }), ['1/0/12', { output_buffers: ['4', '64k'] }]);
  assert.deepEqual(read({ place: '0', sendfile: null, output_buffers: null }), [
    '0',
    { sendfile: null, output_buffers: null },
  ]);
  assert.deepEqual(read({ place: '0', output_buffers: '64 1m' }), ['0', { output_buffers: ['64', '1m'] }]);
});

for (const [what, body, reason] of [
  ['no JSON', '{', /no JSON object/],
  ['an array', '[]', /no JSON object/],
  ['null', 'null', /no JSON object/],
  ['no place', '{"sendfile":"on"}', /"place"/],
  ['a place that is a path', '{"place":"../0","sendfile":"on"}', /"place"/],
  ['a place that is a number', '{"place":0,"sendfile":"on"}', /"place"/],
  ['nothing to change', '{"place":"0"}', /give "sendfile" or/],
  ['another directive', '{"place":"0","root":"/"}', /"root" cannot be set here/],
  ['__proto__', '{"place":"0","__proto__":{"sendfile":"on"}}', /"__proto__" cannot be set here/],
  ['a third way', '{"place":"0","sendfile":"maybe"}', /"sendfile" is "on" or "off"/],
  ['a switch that is true', '{"place":"0","sendfile":true}', /"sendfile" is "on" or "off"/],
  ['buffers without a size', '{"place":"0","output_buffers":"2"}', /"2 32k"/],
  ['no buffers', '{"place":"0","output_buffers":"0 32k"}', /"2 32k"/],
  ['buffers of nothing', '{"place":"0","output_buffers":"2 0"}', /"2 32k"/],
  ['an injected directive', '{"place":"0","output_buffers":"2 32k; root /"}', /"2 32k"/],
  ['too much memory', '{"place":"0","output_buffers":"65 1m"}', /at most 64 MB/],
] as const) {
  test(`what cannot: ${what}`, () => {
    assert.throws(
      () => read(body),
      (error: unknown) => error instanceof Refusal && error.status === 400 && reason.test(error.message),
    );
  });
}
