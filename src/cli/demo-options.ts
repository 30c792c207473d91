/** The options of `demo`, in yargs' terms. */
export const demoOptions = {
  size: { type: 'string', default: '100M', describe: 'Size of the file: bytes, or with k, M or G behind' },
  json: { type: 'boolean', default: false, describe: 'Print the result as JSON' },
  keep: { type: 'boolean', default: false, describe: 'Keep the file, the traces and the configuration' },
} as const;

export interface DemoOptions {
  readonly size: string;
  readonly json: boolean;
  readonly keep: boolean;
}
