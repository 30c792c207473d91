/**
 * The options of `serve`, in yargs' terms. They are in a file of their own so that a plain command line can be read from the
 * table without loading yargs, which takes longer than Node's own start.
 */
export const serveOptions = {
  port: { type: 'string', default: '8080', describe: 'The port to listen on' },
  host: { type: 'string', default: '127.0.0.1', describe: 'The address to listen on; 0.0.0.0 is all of this machine' },
  sendfile: { type: 'string', default: 'on', describe: 'Who moves the bytes: the kernel (on), or this program (off)' },
  workers: { type: 'string', default: '1', describe: 'How many processes serve' },
  'access-log': { type: 'string', default: '/dev/stdout', describe: 'The file that requests are logged to' },
  'no-access-log': { type: 'boolean', default: false, describe: 'Log no requests' },
} as const;

/** What was asked for, unchecked; `serve` checks it. */
export interface ServeOptions {
  dir: string;
  port: string;
  host: string;
  sendfile: string;
  workers: string;
  'access-log': string;
  'no-access-log': boolean;
}

const { port, host, sendfile, workers, 'access-log': accessLog } = serveOptions;

/**
 * Reads the arguments after `serve` where they are plain: one folder, and options of the table as `--name value` or
 * `--name=value`, each once. Null for everything else (help, mistakes), which is for yargs to read and to explain.
 */
export function readPlain(args: readonly string[]): ServeOptions | null {
  const options: ServeOptions = {
    dir: '',
    port: port.default,
    host: host.default,
    sendfile: sendfile.default,
    workers: workers.default,
    'access-log': accessLog.default,
    'no-access-log': false,
  };
  const seen = new Set<string>();
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    const equals = word.indexOf('=');
    const name = word.startsWith('--') ? word.slice(2, equals === -1 ? undefined : equals) : 'dir';
    if (seen.has(name) || word === '' || (word.startsWith('-') && !Object.hasOwn(serveOptions, name))) return null;
    seen.add(name);
    if (name === 'dir') options.dir = word;
    else if (name === 'no-access-log') {
      if (equals !== -1) return null;
      options[name] = true;
    } else {
      const value = equals === -1 ? args[++at] : word.slice(equals + 1);
      if (value === undefined || value === '' || value.startsWith('-')) return null;
      options[name as keyof Omit<ServeOptions, 'no-access-log'>] = value;
    }
  }
  return seen.has('dir') ? options : null;
}
