import { nodeProgram } from './node-program.js';

export const sirv = nodeProgram({
  name: 'sirv',
  about: "sirv on Node's own HTTP server",
  file: './sirv-server.js',
  packageName: 'sirv',
  settings: 'dev: false, etag: true; one process, no access log',
  notes: [
    'sirv looks at the files once, when it starts, and never again. It reads them through streams, by threads of libuv.',
  ],
});
