import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VariableError, VariableRegistry } from '../../src/conf/variables.js';
import { VARIABLES } from './helpers.js';

const SUBJECT = { uri: '/a', host: 'h', '1': 'one' };

describe('VariableRegistry', () => {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: that is how nginx writes variables
  const table: readonly (readonly [text: string, value: string])[] = [
    ['', ''],
    ['plain', 'plain'],
    ['$uri', '/a'],
    ['$URI', '/a'],
    ['${uri}', '/a'],
    ['$uri$host', '/ah'],
    ['<$uri>-${host}x', '</a>-hx'],
    ['$uri.html', '/a.html'],
    ['$1$host', 'oneh'],
    ['$10', 'one0'],
    ['${1}0', 'one0'],
    ['[$2]', '[]'],
    ['$2', ''],
    ['$http_X_y!', '<x_y>!'],
  ];
  for (const [text, value] of table) {
    it(`"${text}" is "${value}"`, () => {
      const complex = new VariableRegistry(VARIABLES).compile(text);
      assert.equal(complex.evaluate(SUBJECT), value);
      assert.equal(complex.text, text);
    });
  }

  const mistakes: readonly (readonly [text: string, reason: string])[] = [
    ['$', 'invalid variable name'],
    ['a$ b', 'invalid variable name'],
    ['$\xe9', 'invalid variable name'],
    ['${}', 'invalid variable name'],
    ['${uri', 'the closing bracket in "uri" variable is missing'],
    ['${ur-i}', 'the closing bracket in "ur" variable is missing'],
    ['$Nope', 'unknown "nope" variable'],
    ['$0', 'unknown "0" variable'],
    ['$http_', 'unknown "http_" variable'],
    ['$uri_', 'unknown "uri_" variable'],
  ];
  for (const [text, reason] of mistakes) {
    it(`"${text}": ${reason}`, () =>
      assert.throws(() => new VariableRegistry(VARIABLES).compile(text), new VariableError(reason)));
  }
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: that is how nginx writes variables

  it('tells constants, and a lone variable without a value, from the rest', () => {
    const registry = new VariableRegistry(VARIABLES);
    assert.equal(registry.compile('plain').constant, 'plain');
    assert.equal(registry.compile('$uri').constant, undefined);
    assert.equal(registry.compile('a$uri').constant, undefined);
    assert.equal(registry.compile('$2').value({}), undefined);
    assert.equal(registry.compile('$uri').value(SUBJECT), '/a');
    assert.equal(registry.compile('$2$2').value({}), '');
    assert.equal(registry.compile('').value({}), '');
  });

  it('prefers a name to a family, and the longer family to the shorter', () => {
    const named = (name: string, prefix: boolean) => ({ name, prefix, doc: '', get: () => name });
    const registry = new VariableRegistry([named('a_', true), named('a_b_', true), named('a_b_c', false)]);
    assert.equal(registry.find('A_b_c')?.variable.name, 'a_b_c');
    assert.deepEqual([registry.find('a_b_d')?.variable.name, registry.find('a_b_d')?.suffix], ['a_b_', 'd']);
    assert.equal(registry.find('a_x')?.suffix, 'x');
    assert.equal(registry.find('b'), undefined);
  });

  it('fills in what is declared after its use', () => {
    const registry = new VariableRegistry(VARIABLES);
    const failures: string[] = [];
    const later = registry.compile('<$Late>', reason => failures.push(reason));
    registry.compile('$never', reason => failures.push(reason));
    registry.declare('late', { name: 'late', doc: '', get: () => 'now' });
    registry.settle();
    assert.equal(later.evaluate({}), '<now>');
    assert.deepEqual(failures, ['unknown "never" variable']);
  });

  it('declares a name twice, but not one of a module', () => {
    const registry = new VariableRegistry(VARIABLES);
    registry.declare('X', { name: 'X', doc: '', get: () => 'first' });
    registry.declare('x', { name: 'x', doc: '', get: () => 'second' });
    assert.equal(registry.compile('$x').evaluate({}), 'first');
    const uri = { name: 'uri', doc: '', get: () => '' };
    assert.throws(() => registry.declare('uri', uri), new VariableError('the duplicate "uri" variable'));
  });

  it('gives a variable the value that was set, whoever else has named it, before or afterwards', () => {
    const registry = new VariableRegistry(VARIABLES);
    const unset = { name: 'x', doc: '', get: () => 'unset' };
    const first = registry.settable(unset);
    const text = registry.compile('$x');
    const request = { values: new Map<object, string | undefined>() };
    assert.equal(text.evaluate(request), 'unset');
    registry.declare('x', { name: 'x', doc: '', get: () => 'computed' });
    assert.equal(text.evaluate(request), 'computed');
    registry.settable(unset).set(request, 'set');
    assert.equal(text.evaluate(request), 'set');
    first.set(request, '');
    assert.equal(text.evaluate(request), '');
    assert.equal(text.evaluate({ values: new Map() }), 'computed');
    const uri = { name: 'uri', doc: '', get: () => '' };
    assert.throws(() => registry.settable(uri), new VariableError('the duplicate "uri" variable'));
  });
});
