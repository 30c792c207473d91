import { nodeProgram } from './node-program.js';

export const uws = nodeProgram({
  name: 'uws',
  about: 'uWebSockets.js, writing buffers',
  file: './uws-server.js',
  packageName: 'uWebSockets.js',
  settings: 'files up to 1 MiB held in memory, larger ones read in pieces of 256 KB; one process, no access log',
  notes: [
    'uws is no file server: a program of 100 lines around it (src/bench/peers/uws-server.ts) reads the files into buffers. It looks at small files once, when it starts.',
  ],
});
