import { banner } from '../../tools/programs.js';
import { nginxLanguage, nginxSettingsLine } from './nginx-language.js';
import { type Extras, finder, type PeerKind } from './peer.js';

/** nginx would else look for these in places where only root may write. */
const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

export function nginx(sendfile: boolean, extras: Extras = {}): PeerKind {
  return {
    name: sendfile ? 'nginx' : 'nginx-off',
    about: `nginx, sendfile ${sendfile ? 'on' : 'off'}`,
    find: finder('nginx'),
    version: async program => /nginx\/(\S+)/.exec(await banner(program, '-v'))?.[1] ?? '',
    canSecure: true,
    configure: ({ folder, ...place }, program) => {
      const more = folders.map(name => `${name}_temp_path temp/${name}`);
      return {
        command: program,
        args: ['-e', `${folder}error.log`, '-c', `${folder}server.conf`, '-p', folder],
        files: { 'temp/': '', 'server.conf': nginxLanguage({ sendfile, ...place, extras, more }) },
        errorLog: 'error.log',
      };
    },
    settings: nginxSettingsLine(extras),
    notes: [],
  };
}

export const nginxOn = nginx(true);
export const nginxOff = nginx(false);
