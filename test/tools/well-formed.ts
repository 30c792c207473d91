import assert from 'node:assert/strict';

/** Elements of HTML that have no end. */
const endless = new Set(['meta', 'link', 'br', 'hr', 'img', 'input']);

/**
 * Whether each tag of HTML or SVG that was begun is ended in its place, each attribute has a value in quotation marks and is
 * there once, and no character is there that would have to be escaped.
 */
export function assertWellFormed(text: string): void {
  const open: string[] = [];
  const token = /<!doctype html>|<(\/?)([\w-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([<>]|&(?![a-z]+;|#\d+;))/gi;
  // what a style sheet holds is no markup
  for (const [whole, isEnd, name, attributes = '', isEmpty, stray] of text
    .replace(/<style>[^<]*/g, '<style>')
    .matchAll(token)) {
    assert.equal(stray, undefined, `"${stray}" in the text`);
    if (name === undefined) continue;
    const names = [...attributes.matchAll(/\s([\w:-]+)="[^"]*"/g)].map(([, each]) => each);
    assert.equal(new Set(names).size, names.length, `an attribute twice: ${whole}`);
    if (isEnd === '/') assert.equal(open.pop(), name, `the end of ${name}`);
    else if (isEmpty !== '/' && !endless.has(name)) open.push(name);
  }
  assert.deepEqual(open, []);
}
