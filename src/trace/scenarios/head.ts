import { answersCheck, parsedCheck, untouchedCheck } from '../checks.js';
import { type Scenario, sizeText, target } from '../scenario.js';

/** The head of an answer alone. */
export const head: Scenario = {
  name: 'head',
  about: 'HEAD: the file is opened and looked at, and not read',
  defaultSize: 128 * 1024,
  requests: [{ method: 'HEAD', target }],
  connections: 'each',
  title: ({ size }) => `HEAD for a file of ${sizeText(size)}`,
  check: recording => [
    answersCheck(recording, [[200, 0]]),
    untouchedCheck(recording, 0, 'no byte of the file is taken'),
    parsedCheck(recording),
  ],
};
