import { answersCheck, fileSteps, parsedCheck, pathCheck } from '../checks.js';
import { type Scenario, sizeText, target } from '../scenario.js';

const first = 65_536;
const length = 100_000;

/** A part of a file: only that part is read. */
export const range: Scenario = {
  name: 'range',
  about: 'A part of a file: 206, and only the bytes of the range are read',
  defaultSize: 1024 * 1024,
  requests: [{ method: 'GET', target, headers: { Range: `bytes=${first}-${first + length - 1}` } }],
  connections: 'each',
  title: ({ size }) => `${length.toLocaleString('en')} bytes out of ${sizeText(size)}, from byte ${first} on`,
  check(recording, { size }, mode) {
    const bytes = Math.max(0, Math.min(length, size - first));
    const [begin] = fileSteps(recording, 0);
    return [
      answersCheck(recording, [[206, bytes]]),
      pathCheck(recording, mode, bytes),
      {
        name: `the first byte that is taken is byte ${first}`,
        ok: begin?.offset === first,
        detail: begin?.text ?? 'no read and no sendfile',
      },
      parsedCheck(recording),
    ];
  },
};
