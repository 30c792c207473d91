import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import * as native from '../../native/process.js';

const moduleUrl = new URL('../../native/process.js', import.meta.url).href;

/** Runs a few lines in a process of their own, with `native` at hand; what they print, as JSON. */
function elsewhere(lines: string): unknown {
  const code = `import * as native from ${JSON.stringify(moduleUrl)};
    import { readFileSync } from 'node:fs';
    ${lines}`;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'latin1' }));
}

/** Rows of /etc/passwd or /etc/group. */
const rows = (path: string) =>
  readFileSync(path, 'latin1')
    .split('\n')
    .map(line => line.split(':'))
    .filter(row => row.length >= 4);

describe('accounts', () => {
  test('users', () => {
    const users = rows('/etc/passwd');
    assert.ok(users.length > 0);
    for (const [name, , uid, gid] of users) {
      assert.deepEqual(native.lookupUser(name), { uid: Number(uid), gid: Number(gid) }, name);
    }
    assert.equal(native.lookupUser('no-such-user'), null);
  });

  test('groups', () => {
    const groups = rows('/etc/group');
    assert.ok(groups.length > 0);
    for (const [name, , gid] of groups) assert.equal(native.lookupGroup(name), Number(gid), name);
    assert.equal(native.lookupGroup('no-such-group'), -1);
  });
});

test('priority and folder', () => {
  const seen = elsewhere(`
    const priority = () => Number(readFileSync('/proc/thread-self/stat', 'latin1').replace(/^.*\\) /s, '').split(' ')[16]);
    const before = priority();
    const returned = [native.setPriority(before + 1), native.changeFolder('/proc'), native.changeFolder('/no/such')];
    const { readlinkSync } = await import('node:fs');
    console.log(JSON.stringify({ returned, more: priority() - before, folder: readlinkSync('/proc/self/cwd') }));`);
  assert.deepEqual(seen, { returned: [0, 0, -2], more: 1, folder: '/proc' });
});

describe('limits', () => {
  test('are those of /proc', () => {
    const line = readFileSync('/proc/self/limits', 'latin1').match(/^Max open files\s+(\d+)\s+(\d+)/m);
    const { soft, hard } = native.getLimit(native.RLIMIT_NOFILE);
    assert.deepEqual([soft, hard], [Number(line?.[1]), Number(line?.[2])]);
  });

  test('can be set, and "no limit" goes back as it came', () => {
    const seen = elsewhere(`
      const open = native.getLimit(native.RLIMIT_NOFILE);
      const returned = [native.setLimit(native.RLIMIT_NOFILE, 100, open.hard)];
      const core = native.getLimit(${native.RLIMIT_CORE});
      returned.push(native.setLimit(${native.RLIMIT_CORE}, core.soft, core.hard));
      const text = readFileSync('/proc/self/limits', 'latin1');
      console.log(JSON.stringify({ returned, core, now: native.getLimit(native.RLIMIT_NOFILE).soft, text }));`) as {
      returned: number[];
      now: number;
      text: string;
    };
    assert.deepEqual(seen.returned, [0, 0]);
    assert.equal(seen.now, 100);
    assert.match(seen.text, /^Max open files\s+100\s/m);
    assert.match(seen.text, /^Max core file size\s+\S+\s+unlimited/m);
  });

  test('a soft limit above the hard one is EINVAL', () => {
    assert.equal(native.setLimit(native.RLIMIT_NOFILE, 10, 9), -22);
  });
});

describe('the process', () => {
  test('is bound to a processor', () => {
    const allowed = readFileSync('/proc/self/status', 'latin1').match(/^Cpus_allowed_list:\s+(\d+)/m);
    const cpu = Number(allowed?.[1]);
    const seen = elsewhere(`
      const returned = native.setAffinity([${cpu}]);
      const list = readFileSync('/proc/self/status', 'latin1').match(/^Cpus_allowed_list:\\s+(\\S+)/m)[1];
      console.log(JSON.stringify([returned, list, native.setAffinity([])]));`);
    assert.deepEqual(seen, [0, String(cpu), -22]);
  });

  test('gives its thread a name of 15 bytes at most', () => {
    const seen = elsewhere(`
      const returned = native.setThreadName('zerocopy: worker process');
      const long = readFileSync('/proc/self/comm', 'latin1');
      native.setThreadName('short');
      console.log(JSON.stringify([returned, long, readFileSync('/proc/self/comm', 'latin1')]));`);
    assert.deepEqual(seen, [0, 'zerocopy: worke\n', 'short\n']);
  });

  test('umask gives the one before', () => {
    const before = native.umask(0o27);
    assert.equal(native.umask(before), 0o27);
  });

  test('setDumpable', () => assert.equal(native.setDumpable(), 0));

  const skip = process.getuid?.() === 0 ? false : 'only root may become somebody else';
  test('becomes somebody else, and cannot go back', { skip }, () => {
    const nobody = native.lookupUser('nobody') as { uid: number; gid: number };
    const seen = elsewhere(`
      const { uid, gid } = native.lookupUser('nobody');
      const steps = [native.setgid(gid), native.initgroups('nobody', gid), native.setuid(uid)];
      console.log(JSON.stringify([steps, process.getuid(), process.getegid(), process.getgroups(), native.setuid(0)]));`);
    assert.deepEqual(seen, [[0, 0, 0], nobody.uid, nobody.gid, [nobody.gid], -1]);
  });
});
