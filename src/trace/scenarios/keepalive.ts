import { answersCheck, parsedCheck, pathCheck } from '../checks.js';
import { type Scenario, sizeText, target } from '../scenario.js';

/** Two requests over one connection. */
export const keepalive: Scenario = {
  name: 'keepalive',
  about: 'Two requests over one connection: accepted once, and the file opened for each',
  defaultSize: 128 * 1024,
  requests: [
    { method: 'GET', target },
    { method: 'GET', target },
  ],
  connections: 'one',
  title: ({ size }) => `A file of ${sizeText(size)}, twice over one connection`,
  check(recording, { size }, mode) {
    const accepts = recording.normal.steps.filter(step => step.name.startsWith('accept') && step.errno === '');
    return [
      answersCheck(recording, [
        [200, size],
        [200, size],
      ]),
      pathCheck(recording, mode, 2 * size),
      {
        name: 'one connection is accepted',
        ok: accepts.length === 1,
        detail: `${accepts.length} accepted: ${accepts[0]?.text ?? ''}`,
      },
      parsedCheck(recording),
    ];
  },
};
