/** The command line of `zerocopy experiment`, and its end at any moment. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { assertRefused } from '../cli/mistake.js';
import { Bench, until } from './support.js';

const bench = new Bench();
after(() => bench.clean());

test('a command line that is none: exit code 2, and what would be one', async () => {
  const cases: [args: string[], expected: RegExp][] = [
    [[], /which experiment\? There are table2, .*sweep, all/],
    [['table9'], /no experiment "table9": There are table2/],
    [['table2', '--size', 'big'], /--size "big": give bytes/],
    [['table2', '--size', '0'], /--size "0": give bytes/],
    [['table2', '--runs', '0'], /--runs "0": give a number from 1/],
    [['table2', '--block-size', '1x'], /--block-size "1x"/],
    [['table2', '--nonsense'], /nonsense/],
    [['table2', '--size', '1M', '--size', '2M'], /--size is given twice/],
    [['table2', 'table3'], /table3/],
  ];
  for (const [args, expected] of cases) await assertRefused(['experiment', ...args], expected);
  const { code, stdout, stderr } = await bench.run(['table9']);
  assert.equal(code, 2, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, /no experiment "table9"/);
});

test('--list names them', async () => {
  const { code, stdout } = await bench.run(['--list']);
  assert.equal(code, 0);
  const names = stdout.split('\n').map(line => line.split(' ')[0]);
  const figures = ['fig9', 'fig10', 'fig11', 'fig12', 'fig13', 'fig14', 'fig15'];
  assert.deepEqual(names, ['table2', 'table3', ...figures, 'ibm', 'store', 'sweep', 'all', '']);
});

test('a folder that is not there, or that nobody may write to, is told', async () => {
  const { code, stderr } = await bench.run(['table2', '--size', '8M', '--dir', `${bench.folder}/none`]);
  assert.equal(code, 1);
  assert.match(stderr, /none" failed \(2: No such file or directory\)/);
  const page = await bench.run(['table2', '--html', `${bench.folder}/none/page.html`]);
  assert.equal(page.code, 1);
  assert.match(page.stderr, /none" failed \(2: /);
});

test('a text for people, and files with --out and --html', async () => {
  const [out, html] = [`${bench.folder}/out`, `${bench.folder}/page.html`];
  mkdirSync(`${bench.folder}/d`);
  const place = ['--dir', `${bench.folder}/d`];
  const { code, stdout, stderr } = await bench.run([
    'table3',
    '--size',
    '8M',
    '--runs',
    '1',
    '--out',
    out,
    '--html',
    html,
    ...place,
  ]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Interval \(sec\) {2}Transfer \(GBytes\) {2}Bandwidth \(Gbps\)/);
  assert.match(stdout, /51\.5/);
  assert.match(stdout, /24\.7/);
  assert.equal(stderr, '', 'progress is for terminals');
  assert.deepEqual(readdirSync(out).sort(), ['report.html', 'table3-a-moving-offset-over-time.svg', 'table3.json']);
  assert.match(readFileSync(`${out}/table3-a-moving-offset-over-time.svg`, 'utf8'), /^<svg /);
  assert.match(readFileSync(html, 'utf8'), /^<!doctype html>/i);
  assert.equal(JSON.parse(readFileSync(`${out}/table3.json`, 'utf8')).results[0].name, 'table3');
  assert.deepEqual(readdirSync(`${bench.folder}/d`), [], 'the files of the transfers are gone');
});

test('--keep keeps the file, and says where', async () => {
  mkdirSync(`${bench.folder}/kept`);
  const args = ['table3', '--size', '1M', '--runs', '1', '--json', '--keep', '--dir', `${bench.folder}/kept`];
  const { code, stderr } = await bench.run(args);
  assert.equal(code, 0, stderr);
  const [, folder = ''] = /kept in (\S+)/.exec(stderr) ?? [];
  assert.deepEqual(readdirSync(folder), ['recording.data']);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} in the middle leaves no process and no file`, async () => {
    const place = `${bench.folder}/${signal}`;
    mkdirSync(place);
    // two processes are at work, and what they store is there
    const isStoring = () =>
      readdirSync(place).some(name => readdirSync(`${place}/${name}`).some(file => file.includes('stored')));
    const args = ['fig12', '--size', '200M', '--dir', place];
    const { code, stdout } = await bench.run(args, { signal, when: isStoring });
    assert.equal(code, signal === 'SIGINT' ? 130 : 143);
    assert.equal(stdout, '');
    await until(() => bench.processes.length === 0, 'all processes end');
    assert.deepEqual(readdirSync(place), []);
  });
}
