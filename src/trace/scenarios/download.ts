import { transferChecks } from '../checks.js';
import type { Check } from '../report.js';
import { type Scenario, sizeText, target } from '../scenario.js';

/** The blog's trace: a large file, and a client that may be slower than the server. */
export const download: Scenario = {
  name: 'download',
  about: 'A large file: pread64 and writev against sendfile, and what happens when the client is slow',
  defaultSize: 100 * 2 ** 20,
  requests: [{ method: 'GET', target }],
  connections: 'each',
  showsBlog: true,
  title({ size, clientRate }) {
    const pace = clientRate === 0 ? 'as fast as it can' : `${sizeText(clientRate)} a second`;
    return `A download of ${sizeText(size)} by a client that reads ${pace}`;
  },
  check(recording, { size, clientRate, outputBuffers }, mode) {
    const checks = transferChecks(recording, size, mode);
    const isOurs = recording.program === 'zerocopy' && mode === 'off';
    // a client that is fast enough never lets the buffer fill, and the steps speak of 32 KiB
    if (isOurs && clientRate > 0 && outputBuffers === undefined) checks.push(blogCheck(recording.blog?.steps ?? []));
    return checks;
  },
};

function blogCheck(steps: readonly { readonly name: string; readonly found: boolean }[]): Check {
  const missing = steps.filter(step => !step.found).map(step => step.name);
  const ok = steps.length > 0 && missing.length === 0;
  const detail = ok ? `${steps.length} of ${steps.length} steps` : `missing: ${missing.join('; ')}`;
  return { name: 'the trace holds the sequence of the blog, step by step', ok, detail };
}
