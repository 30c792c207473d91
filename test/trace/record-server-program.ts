/** Starts a server to be traced, says where it is, and waits to be ended: for the test of Ctrl-C. */

import { endOnSignals } from '../../src/tools/children.js';
import { TraceServer } from '../../src/trace/trace-server.js';

endOnSignals();
const program = process.argv[2] === 'nginx' ? 'nginx' : 'zerocopy';
const server = await TraceServer.start({ program, master: true, sendfile: true, files: { f: 10 } });
process.stdout.write(`${JSON.stringify({ pid: server.pid, folder: server.folder })}\n`);
setInterval(() => {}, 1000);
