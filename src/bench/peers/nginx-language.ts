import { endless, mostConnections, rootUser } from './peer.js';

/** The configuration that nginx and this server get, in nginx's language: word for word the same one. */

export interface NginxSettings {
  readonly sendfile: boolean;
  readonly port: number;
  readonly root: string;
  /** Directives of `http` that one of them needs and the other does not. */
  readonly more?: readonly string[];
}

/** What it says, for the report; sendfile is in the servers' names. */
export const nginxSettingsLine =
  'one worker; sendfile on (-off: off), tcp_nopush off, tcp_nodelay on, keepalive_requests without limit, open_file_cache off, access_log off';

export function nginxLanguage({ sendfile, port, root, more = [] }: NginxSettings): string {
  const user = rootUser();
  const http = [
    ...more,
    `sendfile ${sendfile ? 'on' : 'off'}`,
    // its default: with it on, nginx 1.22 leaves the end of some ranges to the client's delayed ACK, 40 ms later
    'tcp_nopush off',
    'tcp_nodelay on',
    'keepalive_timeout 75s',
    `keepalive_requests ${endless}`,
    'open_file_cache off',
    'default_type application/octet-stream',
    'access_log off',
  ];
  return `${user === undefined ? '' : `user ${user} root;\n`}daemon off;
worker_processes 1;
pid server.pid;
error_log error.log;
events {
  worker_connections ${mostConnections};
}
http {
${http.map(line => `  ${line};\n`).join('')}  server {
    listen 127.0.0.1:${port};
    root "${root}";
  }
}
`;
}
