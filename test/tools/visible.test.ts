import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { columnsOf, cutTo } from '../../src/tools/visible.js';

describe('columns of a terminal', () => {
  const widths: [text: string, columns: number][] = [
    ['', 0],
    ['file.bin', 8],
    ['é', 1],
    ['e\u0301', 1],
    ['파일', 4],
    ['😀', 2],
  ];
  for (const [text, columns] of widths) test(`"${text}"`, () => assert.equal(columnsOf(text), columns));

  const cuts: [text: string, columns: number, cut: string][] = [
    ['file.bin', 8, 'file.bin'],
    ['file.bin', 7, 'file...'],
    ['file.bin', 3, '...'],
    ['file.bin', 1, '.'],
    ['file.bin', 0, ''],
    ['파일파일', 8, '파일파일'],
    ['파일파일', 7, '파일...'],
    ['파일파일', 6, '파...'],
  ];
  for (const [text, columns, cut] of cuts)
    test(`"${text}" in ${columns}`, () => assert.equal(cutTo(text, columns), cut));
});
