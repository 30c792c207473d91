import { parsedCheck, stepCheck, transferChecks } from '../checks.js';
import { isReadIn } from '../normalise.js';
import { type Scenario, sizeText, target } from '../scenario.js';

/** `aio threads`: a thread waits for the disk, and the loop does not. */
export const threads: Scenario = {
  name: 'threads',
  about:
    'aio threads and a file that is not in memory: a thread reads it into the page cache, and the loop waits for no disk',
  defaultSize: 128 * 1024,
  requests: [{ method: 'GET', target }],
  connections: 'each',
  directives: 'aio threads;',
  hasThreads: true,
  isCold: true,
  title: ({ size }) => `A file of ${sizeText(size)} that is not in the page cache, with aio threads`,
  check(recording, { size }, mode) {
    if (recording.program === 'nginx') return [parsedCheck(recording)];
    return [
      ...transferChecks(recording, size, mode),
      stepCheck('a thread brings the file into the page cache', recording.normal.steps, isReadIn),
    ];
  },
};
