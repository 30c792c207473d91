import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  close,
  fadvise,
  fdatasync,
  O_CREAT,
  O_DIRECT,
  O_RDWR,
  openAt,
  POSIX_FADV_DONTNEED,
} from '../../native/file.js';
import { cachedPages } from '../../native/page-cache.js';
import { compare } from '../../src/trace/compare.js';
import { fixtureDifferences, fixtures, textOf } from '../../src/trace/fixtures.js';
import { foldedLines } from '../../src/trace/fold-text.js';
import { canTraceChildren } from '../../src/trace/record-parent.js';
import { recordOn, recordScenario } from '../../src/trace/record-scenario.js';
import type { Recording } from '../../src/trace/report.js';
import { fileName, type Mode, type Scenario } from '../../src/trace/scenario.js';
import { scenarios } from '../../src/trace/scenarios/all.js';
import { download } from '../../src/trace/scenarios/download.js';
import { keepalive } from '../../src/trace/scenarios/keepalive.js';
import { notFound } from '../../src/trace/scenarios/not-found.js';
import { notModified } from '../../src/trace/scenarios/not-modified.js';
import { TraceServer } from '../../src/trace/trace-server.js';
import { chooseWay, nginxWay, type Way } from '../../src/trace/ways.js';
import { noNginx, noStrace } from './command-support.js';

const settings = { size: 128 * 1024, clientRate: 0 };
const progress = () => {};

const recordedText = (file: string) => readFileSync(`strace-fixtures/${file}`, 'utf8');

function recordOne(scenario: Scenario, mode: Mode, way: Way, program: 'zerocopy' | 'nginx' = 'zerocopy') {
  const label = `${program}, sendfile ${mode}`;
  return recordScenario({ scenario, settings, mode, way, program, label, progress });
}

function failed(scenario: Scenario, recording: Recording, mode: Mode): string[] {
  return scenario
    .check(recording, settings, mode)
    .flatMap(({ name, ok, detail }) => (ok ? [] : [`${name}: ${detail}`]));
}

/** What is special to a disk needs one: false, or the reason to skip. */
const noDisk = whyNoDisk();

function whyNoDisk(): string | false {
  const folder = mkdtempSync(join(tmpdir(), 'zerocopy-test-'));
  try {
    const fd = openAt(`${folder}/file`, O_RDWR | O_CREAT | O_DIRECT);
    if (fd < 0) return `the file system of ${folder} does not know O_DIRECT`;
    const path = `${folder}/other`;
    writeFileSync(path, Buffer.alloc(100));
    const other = openAt(path, O_RDWR);
    fdatasync(other);
    fadvise(other, 0, 0, POSIX_FADV_DONTNEED);
    const left = cachedPages(other, 0, 100);
    close(fd);
    close(other);
    return left === 0 ? false : `what is on the file system of ${folder} is always in memory, or nobody can say`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const fixture of fixtures) {
  const { scenario, mode, size, clientRate, file } = fixture;
  test(`a new recording is that of ${file}`, {
    skip: noStrace || (scenario.directives !== undefined && noDisk),
  }, async () => {
    const { way } = await chooseWay('strace');
    const what = {
      scenario,
      mode,
      way,
      settings: { size, clientRate },
      program: 'zerocopy',
      label: file,
      progress,
    } as const;
    const recording = await recordScenario(what);
    const text = textOf(fixture, recording);
    const recorded = recordedText(file);
    if (clientRate === 0 && !fixture.hasThreads) assert.equal(text, recorded);
    else assert.deepEqual(fixtureDifferences(fixture, recorded, text), []);
    const checks = scenario.check(recording, { size, clientRate }, mode);
    assert.deepEqual(
      checks.filter(({ ok }) => !ok),
      [],
    );
  });
}

test('fixtures: counts of a slow client may differ, calls may not; of others no line', () => {
  const slow = recordedText('zerocopy-download-slow-off.txt');
  const fast = recordedText('zerocopy-head-off.txt');
  const counts = slow.replace(/^\d+ times:$/m, '999 times:');
  assert.notEqual(counts, slow);
  assert.deepEqual(fixtureDifferences({ clientRate: 1 }, slow, counts), []);
  assert.notDeepEqual(fixtureDifferences({ clientRate: 1 }, slow, `${slow}madvise() = 0\n`), []);
  assert.notDeepEqual(fixtureDifferences({ clientRate: 0 }, fast, fast.replace('statx', 'fstat')), []);
});

for (const mode of ['off', 'on'] as const) {
  describe(`by the ledger, sendfile ${mode}`, () => {
    const large = { ...settings, size: 1024 * 1024 };
    let server: TraceServer;
    before(async () => {
      const files = { [fileName]: large.size };
      server = await TraceServer.start({ program: 'zerocopy', sendfile: mode === 'on', files, ledger: true });
    });
    after(() => server.stop());

    for (const scenario of scenarios.filter(({ name }) => name !== 'buffers')) {
      test(`${scenario.name}: its checks hold`, { skip: scenario.directives !== undefined && noDisk }, async () => {
        const what = {
          scenario,
          mode,
          settings: large,
          program: 'zerocopy',
          way: 'ledger',
          label: mode,
          progress,
        } as const;
        const recording = await (scenario.directives === undefined ? recordOn(server, what) : recordScenario(what));
        assert.equal(recording.recorder, 'ledger');
        assert.deepEqual(
          scenario.check(recording, large, mode).filter(({ ok }) => !ok),
          [],
        );
        const [path] = scenario.copies?.([recording]) ?? [];
        if (path !== undefined)
          assert.equal(
            path.hops.some(({ to }) => to === 'user space'),
            mode === 'off',
          );
      });
    }
  });
}

test('checks fail where a recording is of something else', { skip: noStrace }, async () => {
  const { way } = await chooseWay('strace');
  const off = await recordOne(keepalive, 'off', way);
  assert.deepEqual(failed(keepalive, off, 'off'), []);
  assert.match(failed(keepalive, off, 'on').join(), /sendfile moves all/);
  assert.match(failed(notModified, off, 'off').join(), /304[\s\S]*takes no byte/);
  assert.match(failed(notFound, off, 'off').join(), /404[\s\S]*no such file[\s\S]*error log[\s\S]*names the path/);
  const slow = { ...settings, clientRate: 1000 };
  const steps = download.check(off, slow, 'off').find(({ name }) => name.includes('blog'));
  assert.equal(steps?.ok, false, 'a socket that is never full has no EAGAIN');
});

test('strace as the parent of the server records the same as strace that attaches', {
  skip: noStrace,
}, async context => {
  if (!(await canTraceChildren())) return context.skip('strace may not start a program');
  const { way } = await chooseWay('strace');
  const lines = async (how: Way) => foldedLines((await recordOne(notModified, 'on', how)).folded);
  assert.deepEqual(await lines('parent'), await lines(way));
});

test('nginx does the same work for the same requests', { skip: noNginx }, async () => {
  const nginx = await nginxWay();
  assert.ok('way' in nginx);
  for (const scenario of [notModified, notFound]) {
    const ours = await recordOne(scenario, 'on', nginx.way);
    const theirs = await recordOne(scenario, 'on', nginx.way, 'nginx');
    assert.deepEqual(failed(scenario, theirs, 'on'), []);
    assert.notEqual(compare(ours.normal, theirs.normal).severity, 'matters', scenario.name);
  }
});
