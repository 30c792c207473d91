import yargs, { type Argv, type Options } from 'yargs';
import { version } from '../version.js';
import { UsageError } from './failure.js';

/** A command as yargs is told of it; each is in a file of its own, NAME-command.ts. */
export interface Command {
  /** Options, arguments, examples. */
  usage(parser: Argv): Argv;
  run(argv: unknown): Promise<void>;
  /** Options that may be given several times; of the others, twice is a mistake. */
  readonly repeatable?: readonly string[];
}

interface Entry {
  readonly name: string;
  /** The arguments, in yargs' way: <needed> [possible] [many..]. */
  readonly args: string;
  readonly about: string;
  /** Only the one that is asked for is loaded. */
  load(): Promise<{ command: Command }>;
}

const commands: readonly Entry[] = [
  {
    name: 'serve',
    args: '<dir>',
    about: 'Serve a folder in the foreground',
    load: () => import('./serve-command.js'),
  },
  {
    name: 'cert',
    args: '[names..]',
    about: 'Make a certificate, to try HTTPS out',
    load: () => import('./cert-command.js'),
  },
  {
    name: 'demo',
    args: '',
    about: 'Send a file with sendfile off and on, and compare the cost',
    load: () => import('./demo-command.js'),
  },
  {
    name: 'trace',
    args: '[scenario]',
    about: 'Watch the system calls of a request, and read what they mean',
    load: () => import('./trace-command.js'),
  },
  {
    name: 'put',
    args: '<file> <url>',
    about: 'Upload a file with HTTP PUT',
    load: () => import('./put-command.js'),
  },
  {
    name: 'send',
    args: '<files..>',
    about: 'Send files to a zerocopy receive',
    load: () => import('./send-command.js'),
  },
  {
    name: 'receive',
    args: '',
    about: 'Take files from zerocopy send',
    load: () => import('./receive-command.js'),
  },
  {
    name: 'fetch',
    args: '<urls..>',
    about: 'Download files over HTTP',
    load: () => import('./fetch-command.js'),
  },
  {
    name: 'experiment',
    args: '[name]',
    about: 'Measure here what the paper and IBM have measured',
    load: () => import('./experiment-command.js'),
  },
  {
    name: 'bench',
    args: '[url]',
    about: 'Put a server under load, or compare this one with others',
    load: () => import('./bench-command.js'),
  },
];

const nginxGroup = "Without a command, nginx's own options:";

/** For the help alone: main.ts reads these itself, by nginx's rules. */
const nginxOptions = {
  c: 'FILE: the configuration, relative to the prefix (conf/nginx.conf)',
  p: "PREFIX: where relative paths start (the package's own folder)",
  e: 'FILE: the error log where the configuration names none',
  g: 'DIRECTIVES: they come before those of the file',
  t: 'Test the configuration and exit',
  T: 'Test it, print it and exit',
  q: 'Print only errors while testing',
  s: 'SIGNAL: tell a running server to stop, quit, reload or reopen',
  v: 'Print the version and exit',
  V: 'Print the version and what is built in, and exit',
  console: 'The live page: on 127.0.0.1:8081, or --console=ADDRESS',
};

/**
 * Reads a command line with yargs, and runs the command.
 * @param args byte strings; the first is the command
 * @throws UsageError for a command line that is none, and what the command throws
 */
export async function runCommand(args: readonly string[]): Promise<void> {
  const entry = commands.find(({ name }) => name === args[0]);
  if (entry === undefined && !args[0].startsWith('-')) {
    const names = commands.map(({ name }) => name);
    throw new UsageError(
      `unknown command "${args[0]}": there are ${names.slice(0, -1).join(', ')} and ${names.at(-1)} (see zerocopy --help)`,
    );
  }
  const asked = await entry?.load();
  const parser = yargs([]).scriptName('zerocopy').usage('zerocopy COMMAND, or zerocopy with the options of nginx');
  parser.options(Object.fromEntries(Object.entries(nginxOptions).map(([name, text]) => [name, nginxOption(text)])));
  for (const { name, args, about } of commands) {
    if (name !== entry?.name) parser.command(name, about);
    else parser.command(`${name} ${args}`.trim(), about, asked!.command.usage, argv => asked!.command.run(argv));
  }
  await parser
    .example([
      ['zerocopy serve /data', 'the files of /data, on http://127.0.0.1:8080/'],
      ['zerocopy demo', 'system calls and CPU time, side by side'],
      ['zerocopy trace download', 'each call of a download, and what it is for'],
      ['zerocopy -t -c /etc/zerocopy.conf', 'check a configuration'],
      ['zerocopy -s reload', 'load it anew, without a lost request'],
    ])
    .strict()
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      // an option that is given twice becomes a list, which `usage` takes where it makes sense; without this, [many..] are one
      'duplicate-arguments-array':
        entry?.args.includes('..') === true ||
        asked?.command.repeatable?.some(option => isGiven(option, args)) === true,
    })
    .help()
    .alias('help', 'h')
    .version(version)
    .locale('en')
    .wrap(80)
    .exitProcess(false)
    .fail((message, error) => explain(`${args[0]} ${entry?.args ?? ''}`.trim(), message, error))
    .parseAsync(args);
}

function nginxOption(describe: string): Options {
  return { describe, group: nginxGroup, global: false };
}

function isGiven(option: string, args: readonly string[]): boolean {
  return args.some(word => word === `--${option}` || word.startsWith(`--${option}=`));
}

/** What yargs says of a mistake, with where to read on; an error of the command itself stays as it is. */
function explain(usage: string, message: string | null, error: Error | undefined): void {
  if (message === null || message === undefined) throw error;
  const isShort = message.startsWith('Not enough non-option');
  const mistake = isShort ? `an argument is missing: zerocopy ${usage}` : message;
  const [command] = usage.split(' ');
  throw new UsageError(`${mistake} (see zerocopy ${command.startsWith('-') ? '' : `${command} `}--help)`);
}
