import type { PairPaths } from '../secured.js';
import { type Extras, endless, mostConnections, rootUser } from './peer.js';

/** The configuration that nginx and this server get, in nginx's language: word for word the same one. */

export interface NginxSettings {
  readonly sendfile: boolean;
  readonly port: number;
  readonly root: string;
  readonly pair?: PairPaths;
  readonly extras?: Extras;
  /** Directives of `http` that one of them needs and the other does not. */
  readonly more?: readonly string[];
}

/** What it says, for the report; sendfile is in the servers' names. */
export function nginxSettingsLine({ accessLog, fileCache }: Extras): string {
  const usual = 'one worker; sendfile on (-off: off), tcp_nopush off, tcp_nodelay on, keepalive_requests without limit';
  return `${usual}, open_file_cache ${fileCache ? 'on' : 'off'}, access_log ${accessLog ? 'on' : 'off'}`;
}

export function nginxLanguage({ sendfile, port, root, pair, extras = {}, more = [] }: NginxSettings): string {
  const user = rootUser();
  const http = [
    ...more,
    `sendfile ${sendfile ? 'on' : 'off'}`,
    // its default: with it on, nginx 1.22 leaves the end of some ranges to the client's delayed ACK, 40 ms later
    'tcp_nopush off',
    'tcp_nodelay on',
    'keepalive_timeout 75s',
    `keepalive_requests ${endless}`,
    `open_file_cache ${extras.fileCache ? 'max=1000' : 'off'}`,
    'default_type application/octet-stream',
    `access_log ${extras.accessLog ? 'access.log' : 'off'}`,
  ];
  const server = [`listen 127.0.0.1:${port}${pair === undefined ? '' : ' ssl'}`, `root "${root}"`, ...securedBy(pair)];
  return `${user === undefined ? '' : `user ${user} root;\n`}daemon off;
worker_processes 1;
pid server.pid;
error_log error.log;
events {
  worker_connections ${mostConnections};
}
http {
${http.map(line => `  ${line};\n`).join('')}  server {
${server.map(line => `    ${line};\n`).join('')}  }
}
`;
}

/** Which cipher it is, and whether a session is taken up again, the client decides (src/bench/secured.ts). */
function securedBy(pair: PairPaths | undefined): string[] {
  if (pair === undefined) return [];
  return [
    `ssl_certificate "${pair.certificate}"`,
    `ssl_certificate_key "${pair.key}"`,
    'ssl_protocols TLSv1.2 TLSv1.3',
    // nginx has the kernel encrypt where it is told to; this server does so anyway
    'ssl_conf_command Options KTLS',
  ];
}
