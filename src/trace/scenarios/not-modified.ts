import { answersCheck, parsedCheck, pathCheck, untouchedCheck } from '../checks.js';
import { type Scenario, sizeText, target } from '../scenario.js';

/** What a browser does with a file that it has: the second request is answered without a body. */
export const notModified: Scenario = {
  name: 'not-modified',
  about: 'The same file twice, as a browser asks: 200, then 304 without a byte of the file',
  defaultSize: 128 * 1024,
  requests: [
    { method: 'GET', target },
    { method: 'GET', target, headers: { 'If-Modified-Since': '{last-modified}' } },
  ],
  connections: 'each',
  title: ({ size }) => `A file of ${sizeText(size)}, and the same once more with If-Modified-Since`,
  check: (recording, { size }, mode) => [
    answersCheck(recording, [
      [200, size],
      [304, 0],
    ]),
    pathCheck(recording, mode, size),
    untouchedCheck(recording, 1, 'the second answer takes no byte of the file'),
    parsedCheck(recording),
  ],
};
