import { userInfo } from 'node:os';

/** The servers that can be measured. */
export type ServerName = 'zerocopy' | 'nginx';

/** The settings that both servers get word for word, and that the report names. */
export const commonSettings: readonly string[] = [
  'sendfile on',
  'tcp_nopush on',
  'tcp_nodelay on',
  'keepalive_timeout 75s',
  'keepalive_requests 1000000000',
  'open_file_cache off',
  'default_type application/octet-stream',
];

/** The URI of the 1 KB file, and of the large one on each path. */
export const uris = { small: '/1k.bin', sendfileOn: '/on/100m.bin', sendfileOff: '/off/100m.bin' };

/**
 * The configuration of one server. The two differ in the names of their logs and in folders that nginx would else look
 * for in places where only root may write.
 * @param root the document root
 */
export function configurationFor(server: ServerName, port: number, root: string): string {
  const http = [
    ...(server === 'nginx' ? nginxFolders : []),
    ...commonSettings,
    `access_log ${server}-access.log combined`,
  ].map(line => `  ${line};\n`);
  return `${userLine()}daemon off;
worker_processes 1;
pid ${server}.pid;
error_log ${server}-error.log;
events {
  worker_connections 10000;
}
http {
${http.join('')}  server {
    listen 127.0.0.1:${port};
    root "${root}";
    location /off/ {
      sendfile off;
    }
  }
}
`;
}

const nginxFolders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
  name => `${name}_temp_path nginx-temp/${name}`,
);

/** Started by root, workers would become somebody else, who may not see the temporary folder. */
function userLine(): string {
  return process.geteuid?.() === 0 ? `user ${userInfo().username} root;\n` : '';
}
