/** The options of `experiment`, in yargs' terms. */
export const experimentOptions = {
  list: { type: 'boolean', default: false, describe: 'Name the experiments' },
  size: { type: 'string', describe: 'Size of the file: bytes, or with k, M or G behind (10G; 2G for all)' },
  runs: { type: 'string', default: '3', describe: 'Runs of each way, in turn; the medians are shown' },
  out: { type: 'string', describe: 'Write the results, the plots and the report to this folder' },
  html: { type: 'string', describe: 'Write the report to this file, as one page' },
  json: { type: 'boolean', default: false, describe: 'Print the report as JSON' },
  'block-size': { type: 'string', default: '128k', describe: 'What one system call is asked for' },
  cold: { type: 'boolean', default: false, describe: "Drop the file's pages from the page cache before each run" },
  dir: { type: 'string', describe: 'Where files are made and stored (TMPDIR or the working folder)' },
  keep: { type: 'boolean', default: false, describe: 'Keep the file that was sent' },
  'no-c-loop': { type: 'boolean', default: false, describe: 'Leave out the loop in C' },
} as const;

export interface ExperimentOptions {
  readonly name?: string;
  readonly list: boolean;
  readonly size?: string;
  readonly runs: string;
  readonly out?: string;
  readonly html?: string;
  readonly json: boolean;
  readonly 'block-size': string;
  readonly cold: boolean;
  readonly dir?: string;
  readonly keep: boolean;
  readonly 'no-c-loop': boolean;
}
