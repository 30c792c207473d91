import { normalise } from '../../src/trace/normalise.js';
import { record } from '../../src/trace/record.js';
import type { NormalTrace } from '../../src/trace/steps.js';
import type { TestServer } from './harness.js';

/** Records with strace what the first worker does while `action` runs; gives the calls of requests. */
export async function recordRequests(server: TestServer, action: () => Promise<void>): Promise<NormalTrace> {
  const [pid] = server.workers();
  const trace = await record({ pid, ledgerFile: '' }, action, { recorder: 'strace' });
  return normalise(trace, { onlyRequests: true });
}
