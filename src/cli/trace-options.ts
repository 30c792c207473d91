/** The options of `trace`, in yargs' terms. */
export const traceOptions = {
  list: { type: 'boolean', default: false, describe: 'Name the scenarios' },
  sendfile: { type: 'string', default: 'both', describe: 'on, off, or both' },
  size: { type: 'string', describe: 'Size of the file: bytes, or with k, M or G behind' },
  'client-rate': { type: 'string', describe: 'Bytes a second that the client reads, such as 20M (all it can get)' },
  'output-buffers': { type: 'string', describe: 'As the directive: "NUMBER SIZE", such as "2 32k"' },
  recorder: { type: 'string', default: 'auto', describe: "strace, the server's own ledger, or what there is (auto)" },
  against: { type: 'string', describe: 'nginx: record that too, and compare' },
  read: { type: 'array', string: true, describe: 'Read a trace that strace has written; two are compared' },
  json: { type: 'boolean', default: false, describe: 'Print the report as JSON' },
  html: { type: 'string', describe: 'Write the report to this file, as one page' },
  verbose: { type: 'boolean', default: false, describe: 'Show every call, not folded' },
  'record-fixtures': { type: 'boolean', default: false, describe: 'As the scenario record-fixtures' },
  into: { type: 'string', default: 'strace-fixtures', describe: 'The folder that fixtures are recorded to' },
} as const;

export interface TraceCommandOptions {
  readonly scenario?: string;
  readonly list: boolean;
  readonly sendfile: string;
  readonly size?: string;
  readonly 'client-rate'?: string;
  readonly 'output-buffers'?: string;
  readonly recorder: string;
  readonly against?: string;
  readonly read?: readonly string[];
  readonly json: boolean;
  readonly html?: string;
  readonly verbose: boolean;
  readonly 'record-fixtures': boolean;
  readonly into: string;
}
