/** Options of `zerocopy cert`, as yargs wants them. */
export const certOptions = {
  out: { type: 'string', default: '.', describe: 'The folder for cert.pem and key.pem', requiresArg: true },
  days: { type: 'string', default: '90', describe: 'How long it holds', requiresArg: true },
  force: { type: 'boolean', default: false, describe: 'Replace a pair that is there' },
  json: { type: 'boolean', default: false, describe: 'Say what was made as JSON' },
} as const;

export interface CertOptions {
  /** What it is good for; none for this machine. */
  readonly names?: readonly string[];
  readonly out: string;
  readonly days: string;
  readonly force: boolean;
  readonly json: boolean;
}
