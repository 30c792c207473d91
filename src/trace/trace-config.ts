import { userInfo } from 'node:os';

/** What a traced server is to do. Both programs get the same configuration but for folders that only nginx has. */
export interface TraceSettings {
  readonly sendfile: boolean;
  /** `output_buffers`: how many, and bytes of each. */
  readonly outputBuffers?: { readonly count: number; readonly size: number };
  /** `tcp_nopush`; off. */
  readonly tcpNopush?: boolean;
  /** Bytes of the client sockets' send buffer (`listen … sndbuf`); the kernel's own choice where it is left out. */
  readonly sendBuffer?: number;
  /** One worker under a master, as in production, instead of one process that does both. */
  readonly master?: boolean;
  /** Further directives of the server block, each with its semicolon. */
  readonly directives?: string;
}

/** nginx would make these in places where only root may write. */
const nginxFolders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

const flag = (value: boolean) => (value ? 'on' : 'off');

/** Started by root, a worker would become somebody else, who may not see the temporary folder. */
const userLine = () => (process.geteuid?.() === 0 ? `user ${userInfo().username} root;\n` : '');

/**
 * The text of the configuration. Paths are relative to the prefix, and the document root is its folder `files`.
 * @param port on the loopback
 */
export function traceConfig(program: 'zerocopy' | 'nginx', settings: TraceSettings, port: number): string {
  const { sendfile, outputBuffers, tcpNopush = false, sendBuffer, master = false, directives = '' } = settings;
  const http = [
    ...(program === 'nginx' ? nginxFolders.map(name => `${name}_temp_path temp/${name}`) : []),
    'default_type application/octet-stream',
    'access_log access.log combined',
    `sendfile ${flag(sendfile)}`,
    `tcp_nopush ${flag(tcpNopush)}`,
    ...(outputBuffers === undefined ? [] : [`output_buffers ${outputBuffers.count} ${outputBuffers.size}`]),
  ];
  return `${master ? userLine() : ''}daemon off;
master_process ${flag(master)};
worker_processes 1;
pid server.pid;
error_log error.log error;
events {
  worker_connections 4096;
}
http {
${http.map(line => `  ${line};\n`).join('')}  server {
    listen 127.0.0.1:${port}${sendBuffer === undefined ? '' : ` sndbuf=${sendBuffer}`};
    root files;
    ${directives}
  }
}
`;
}
