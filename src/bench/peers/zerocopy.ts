import { fileURLToPath } from 'node:url';
import { version } from '../../version.js';
import { nginxLanguage, nginxSettingsLine } from './nginx-language.js';
import type { Extras, PeerKind } from './peer.js';

const program = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

/** This server, as anybody starts it. */
export function zerocopy(sendfile: boolean, extras: Extras = {}): PeerKind {
  return {
    name: sendfile ? 'zerocopy' : 'zerocopy-off',
    about: `this server, sendfile ${sendfile ? 'on' : 'off'}`,
    find: () => process.execPath,
    version: async () => version,
    canSecure: true,
    configure: ({ folder, ...place }, node) => ({
      command: node,
      args: [program, '-c', `${folder}server.conf`, '-p', folder],
      files: { 'server.conf': nginxLanguage({ sendfile, ...place, extras }) },
      errorLog: 'error.log',
    }),
    settings: nginxSettingsLine(extras),
    notes: extras.accessLog
      ? ['zerocopy writes the lines of one turn of its loop at once; nginx writes each by itself.']
      : [],
  };
}

export const zerocopyOn = zerocopy(true);
export const zerocopyOff = zerocopy(false);
