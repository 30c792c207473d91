import { existsSync } from 'node:fs';
import { lookupUser } from '../../../native/process.js';
import { banner, findProgram } from '../../tools/programs.js';
import { type PeerKind, rootUser } from './peer.js';

/** Where distributions have its modules. */
const moduleFolders = [
  '/usr/lib/apache2/modules',
  '/usr/lib64/httpd/modules',
  '/usr/lib/httpd/modules',
  '/usr/lib/apache2',
];
/** Whom it runs as where root starts it: it refuses to be root itself. */
const accounts = ['www-data', 'apache', 'http', 'daemon', 'nobody'];
/** Requests that are worked on at once. A slow download waits in the event thread, and takes none of them. */
const threads = 64;
/** So many connections a thread may wait in the event thread: 64 times 64 and more are taken. */
const waiting = 64;

export const apache: PeerKind = {
  name: 'apache',
  about: 'Apache httpd, event MPM, with sendfile',
  find: () => (modules() === undefined ? undefined : (findProgram('apache2') ?? findProgram('httpd'))),
  version: async program => /Apache\/(\S+)/.exec(await banner(program, '-v'))?.[1] ?? '',
  configure: ({ folder, root, port }, program) => ({
    command: program,
    args: ['-D', 'FOREGROUND', '-d', folder, '-f', `${folder}server.conf`],
    files: { 'server.conf': configuration(folder, root, port) },
    errorLog: 'error.log',
  }),
  settings: `event MPM, one process with ${threads} threads; EnableSendfile On, EnableMMAP Off, MaxKeepAliveRequests 0, no access log`,
  notes: ['apache has one process as the others do, but many threads in it: that is what its event MPM is.'],
};

function modules(): string | undefined {
  return moduleFolders.find(folder => existsSync(`${folder}/mod_mpm_event.so`));
}

function configuration(folder: string, root: string, port: number): string {
  const account = rootUser() === undefined ? undefined : accounts.find(name => lookupUser(name) !== null);
  // some distributions have the one or the other built in
  const loaded = ['mpm_event', 'authz_core', 'unixd'].filter(name => existsSync(`${modules()}/mod_${name}.so`));
  return `${loaded.map(name => `LoadModule ${name}_module ${modules()}/mod_${name}.so\n`).join('')}${account === undefined ? '' : `User ${account}\n`}ServerName 127.0.0.1
Listen 127.0.0.1:${port}
PidFile ${folder}server.pid
DefaultRuntimeDir ${folder}
Mutex file:${folder}
ErrorLog ${folder}error.log
LogLevel warn
ServerLimit 1
StartServers 1
ThreadLimit ${threads}
ThreadsPerChild ${threads}
MaxRequestWorkers ${threads}
MinSpareThreads 1
MaxSpareThreads ${threads}
AsyncRequestWorkerFactor ${waiting}
ListenBackLog 4096
KeepAlive On
KeepAliveTimeout 75
MaxKeepAliveRequests 0
TimeOut 3600
EnableSendfile On
EnableMMAP Off
DocumentRoot "${root}"
<Directory "${root}">
  Require all granted
  AllowOverride None
</Directory>
`;
}
