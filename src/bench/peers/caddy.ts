import { banner } from '../../tools/programs.js';
import { finder, type PeerKind } from './peer.js';

export const caddy: PeerKind = {
  name: 'caddy',
  about: "Caddy's file_server",
  find: finder('caddy'),
  version: async program => /^v?(\d\S*)/m.exec(await banner(program, 'version'))?.[1] ?? '',
  configure: ({ folder, root, port }, program) => ({
    command: program,
    args: ['run', '--config', `${folder}server.json`],
    // it keeps its data in the user's home; and its runtime has a thread for every core
    env: { HOME: folder, XDG_DATA_HOME: `${folder}data`, XDG_CONFIG_HOME: `${folder}config`, GOMAXPROCS: '1' },
    files: { 'server.json': configuration(folder, root, port) },
    errorLog: 'error.log',
  }),
  settings: 'file_server, HTTP/1.1 alone, GOMAXPROCS=1, no admin interface, no access log',
  notes: ["caddy's runtime has threads of its own beside the one that serves (garbage collection, system calls)."],
};

function configuration(folder: string, root: string, port: number): string {
  const server = {
    listen: [`127.0.0.1:${port}`],
    protocols: ['h1'],
    automatic_https: { disable: true },
    routes: [{ handle: [{ handler: 'file_server', root, hide: [] }] }],
  };
  return `${JSON.stringify(
    {
      admin: { disabled: true, config: { persist: false } },
      logging: { logs: { default: { level: 'ERROR', writer: { output: 'file', filename: `${folder}error.log` } } } },
      apps: { http: { servers: { files: server } } },
    },
    null,
    2,
  )}\n`;
}
