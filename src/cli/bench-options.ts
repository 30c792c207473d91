/** The options of `bench`, in yargs' terms. */

const both = 'Both:';
const one = 'With a URL:';
const all = 'Without one, the comparison:';

export const benchOptions = {
  connections: { type: 'string', default: '50', group: both, describe: 'Connections at once' },
  duration: { type: 'string', group: both, describe: 'Seconds of one load (10; of the comparison 1)' },
  json: { type: 'boolean', default: false, group: both, describe: 'Print everything as JSON, with all samples' },
  html: { type: 'string', group: both, describe: 'Write a page with plots to this file' },
  rate: { type: 'string', default: '0', group: one, describe: 'Requests a second in all; 0: as many as can be' },
  pipelining: { type: 'string', default: '1', group: one, describe: 'Requests on a connection before their answers' },
  header: { type: 'array', string: true, nargs: 1, group: one, describe: '"NAME: VALUE" to send along' },
  range: { type: 'string', group: one, describe: 'Bytes to ask for, such as 0-65535: the answer is to be 206' },
  timeout: { type: 'string', default: '10', group: one, describe: 'Seconds that an answer may take' },
  insecure: { type: 'boolean', default: false, group: one, describe: 'Take any certificate, for https' },
  tls: { type: 'boolean', default: false, group: all, describe: 'HTTPS in place of HTTP: this server and nginx' },
  targets: {
    type: 'boolean',
    default: false,
    group: all,
    describe: 'What this server is to reach beside nginx, lighttpd and a loop in C, and whether it does',
  },
  quick: { type: 'boolean', default: false, group: all, describe: 'This server, nginx and lighttpd, in four minutes' },
  full: { type: 'boolean', default: false, group: all, describe: 'More rounds, and longer ones' },
  only: { type: 'string', group: all, describe: 'Servers, with commas between them (see --list)' },
  workload: { type: 'string', group: all, describe: 'What is asked for, with commas between them (see --list)' },
  rounds: { type: 'string', group: all, describe: 'Rounds; the medians are shown (5; --quick 3, --full 9)' },
  download: {
    type: 'string',
    group: all,
    describe: 'Bytes of large files in a round (2 GB; --quick 1 GB, --full 5 GB)',
  },
  'check-with-wrk': {
    type: 'boolean',
    default: false,
    group: all,
    describe: 'Have wrk measure the same servers in the same rounds (--quick does, where it is installed)',
  },
  list: { type: 'boolean', default: false, group: all, describe: 'Name the servers and the workloads' },
} as const;

export interface BenchOptions {
  readonly url?: string;
  readonly connections: string;
  readonly duration?: string;
  readonly json: boolean;
  readonly html?: string;
  readonly rate: string;
  readonly pipelining: string;
  readonly header?: readonly string[];
  readonly range?: string;
  readonly timeout: string;
  readonly insecure: boolean;
  readonly tls: boolean;
  readonly targets: boolean;
  readonly quick: boolean;
  readonly full: boolean;
  readonly only?: string;
  readonly workload?: string;
  readonly rounds?: string;
  readonly download?: string;
  readonly 'check-with-wrk': boolean;
  readonly list: boolean;
}

/** Options of one kind, by which a command line of the other kind is told to be wrong. */
export function optionsOf(kind: 'url' | 'comparison'): string[] {
  const group = kind === 'url' ? one : all;
  return Object.entries(benchOptions)
    .filter(([, option]) => option.group === group)
    .map(([name]) => name);
}
