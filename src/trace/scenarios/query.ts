import { answersCheck, fileSteps, parsedCheck, pathCheck } from '../checks.js';
import { type Scenario, sizeText, target } from '../scenario.js';

/** Cache busting: another query is another URL for the browser, and the same file for the server. */
export const query: Scenario = {
  name: 'query',
  about: 'Cache busting: with ?v=2 the browser has nothing to compare, and the file is sent again',
  defaultSize: 128 * 1024,
  requests: [
    { method: 'GET', target },
    { method: 'GET', target: `${target}?v=2` },
  ],
  connections: 'each',
  title: ({ size }) => `A file of ${sizeText(size)}, and the same once more under ?v=2`,
  check(recording, { size }, mode) {
    const again = fileSteps(recording, 1);
    return [
      answersCheck(recording, [
        [200, size],
        [200, size],
      ]),
      pathCheck(recording, mode, 2 * size),
      {
        name: 'the second request reads the file again',
        ok: again.length > 0,
        detail: again[0]?.text ?? 'no read and no sendfile',
      },
      parsedCheck(recording),
    ];
  },
};
