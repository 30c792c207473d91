import { stepCheck, transferChecks } from '../checks.js';
import { type Scenario, sizeText, target } from '../scenario.js';

/** `directio`: the page cache is left out, and with it sendfile. */
export const directio: Scenario = {
  name: 'directio',
  about:
    'directio: a large file is read past the page cache (O_DIRECT), and sendfile is not used, whatever it is set to',
  // the end is no whole block
  defaultSize: 256 * 1024 + 100,
  requests: [{ method: 'GET', target }],
  connections: 'each',
  directives: 'directio 64k;',
  title: ({ size }) => `A file of ${sizeText(size)} that is read past the page cache`,
  check(recording, { size }) {
    const isDirect = (step: { readonly flags?: readonly string[] }) => step.flags?.includes('O_DIRECT') === true;
    return [
      ...transferChecks(recording, size, 'off'),
      stepCheck('the file is opened, or its descriptor told, to be read so', recording.normal.steps, isDirect),
    ];
  },
};
