import { parsedCheck, stepCheck } from '../checks.js';
import type { Scenario } from '../scenario.js';

const missing = '/missing.html';

/** A file that is not there, and what the error log says of it. */
export const notFound: Scenario = {
  name: 'not-found',
  about: 'A file that is not there: ENOENT, the line of the error log, and 404',
  defaultSize: 128 * 1024,
  requests: [{ method: 'GET', target: missing }],
  connections: 'each',
  title: () => `A request for ${missing}, which is not there`,
  check(recording) {
    const { steps } = recording.normal;
    const statuses = recording.answers.map(({ status }) => status).join(', ');
    const line = recording.errorLog.find(each => each.includes('No such file or directory'));
    return [
      { name: 'the client gets 404', ok: statuses === '404', detail: `it got ${statuses || 'nothing'}` },
      stepCheck('open says that there is no such file', steps, step => {
        return step.name.startsWith('open') && step.errno === 'ENOENT';
      }),
      stepCheck('the error log is written', steps, step => step.role === 'error log' && step.name === 'write'),
      { name: 'its line names the path', ok: line?.includes(missing) === true, detail: line ?? 'no such line' },
      parsedCheck(recording),
    ];
  },
};
