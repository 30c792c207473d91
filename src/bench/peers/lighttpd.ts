import { banner } from '../../tools/programs.js';
import { type Extras, endless, finder, mostConnections, type PeerKind } from './peer.js';

export function lighttpdWith(extras: Extras): PeerKind {
  const { accessLog, fileCache } = extras;
  return {
    name: 'lighttpd',
    about: 'lighttpd, with sendfile',
    find: finder('lighttpd'),
    version: async program => /lighttpd\/(\S+)/.exec(await banner(program, '-v'))?.[1] ?? '',
    configure: ({ folder, root, port }, program) => ({
      command: program,
      args: ['-D', '-f', `${folder}server.conf`],
      files: { 'server.conf': configuration(folder, root, port, extras) },
      errorLog: 'error.log',
    }),
    settings: `one process; network-backend sendfile, max-keep-alive-requests without limit, stat cache ${fileCache ? 'on' : 'off'}, ${accessLog ? 'access log' : 'no access log'}`,
    notes: accessLog ? ['lighttpd keeps the lines of its access log in a buffer, and writes it when it is full.'] : [],
  };
}

export const lighttpd = lighttpdWith({});

/** max-keep-alive-requests is a number of 16 bits in some versions: 65,535 and 0 mean no limit there and are not used. */
function configuration(folder: string, root: string, port: number, { accessLog, fileCache }: Extras): string {
  const log = accessLog ? `server.modules = ( "mod_accesslog" )\naccesslog.filename = "${folder}access.log"\n` : '';
  return `${log}server.document-root = "${root}"
server.bind = "127.0.0.1"
server.port = ${port}
server.pid-file = "${folder}server.pid"
server.errorlog = "${folder}error.log"
server.upload-dirs = ( "${folder}" )
server.network-backend = "sendfile"
server.max-connections = ${mostConnections}
server.max-fds = ${2 * mostConnections + 100}
server.max-keep-alive-requests = ${endless}
server.max-keep-alive-idle = 75
server.max-write-idle = 3600
server.stat-cache-engine = "${fileCache ? 'simple' : 'disable'}"
etag.use-inode = "disable"
mimetype.assign = ( "" => "application/octet-stream" )
`;
}
