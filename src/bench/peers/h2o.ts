import { banner } from '../../tools/programs.js';
import { finder, mostConnections, type PeerKind, rootUser } from './peer.js';

export const h2o: PeerKind = {
  name: 'h2o',
  about: "h2o's file handler",
  find: finder('h2o'),
  version: async program => /h2o version (\S+)/.exec(await banner(program, '--version'))?.[1] ?? '',
  configure: ({ folder, root, port }, program) => ({
    command: program,
    args: ['-m', 'worker', '-c', `${folder}server.conf`],
    files: { 'server.conf': configuration(folder, root, port) },
    errorLog: 'error.log',
    // at SIGTERM it waits for connections that are long gone
    stopSignal: 'SIGINT',
  }),
  settings: 'one thread; HTTP/1.1, no access log',
  notes: ['h2o knows no sendfile: it reads and writes. It keeps files open for a moment after a request.'],
};

function configuration(folder: string, root: string, port: number): string {
  const user = rootUser();
  return `${user === undefined ? '' : `user: ${user}\n`}num-threads: 1
max-connections: ${mostConnections}
http1-request-timeout: 75
tcp-fastopen: 0
pid-file: ${folder}server.pid
error-log: ${folder}error.log
listen:
  host: 127.0.0.1
  port: ${port}
hosts:
  default:
    paths:
      "/":
        file.dir: ${root}
        file.etag: on
`;
}
