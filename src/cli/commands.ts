import yargs, { type Argv, type Options } from 'yargs';
import { version } from '../version.js';
import { type DemoOptions, demoOptions } from './demo-options.js';
import { UsageError } from './failure.js';
import { type ServeOptions, serveOptions } from './serve-options.js';
import { type TraceCommandOptions, traceOptions } from './trace-options.js';

const commands = ['serve', 'demo', 'trace'];

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
};

/**
 * Reads a command line with yargs, and runs the command.
 * @param args byte strings; the first is the command
 * @throws UsageError for a command line that is none, and what the command throws
 */
export async function runCommand(args: readonly string[]): Promise<void> {
  if (!args[0].startsWith('-') && !commands.includes(args[0])) {
    throw new UsageError(
      `unknown command "${args[0]}": there are ${commands.slice(0, -1).join(', ')} and ${commands.at(-1)} (see zerocopy --help)`,
    );
  }
  const parser = yargs([])
    .scriptName('zerocopy')
    .usage('zerocopy COMMAND, or zerocopy with the options of nginx')
    .options(Object.fromEntries(Object.entries(nginxOptions).map(([name, describe]) => [name, nginxOption(describe)])))
    .command('serve <dir>', 'Serve a folder in the foreground', serveUsage, async argv => {
      await (await import('./serve.js')).serve(argv as unknown as ServeOptions);
    })
    .command('demo', 'Send a file with sendfile off and on, and compare the cost', demoUsage, async argv => {
      await (await import('./demo.js')).demo(argv as unknown as DemoOptions);
    })
    .command(
      'trace [scenario]',
      'Watch the system calls of a request, and read what they mean',
      traceUsage,
      async argv => {
        await (await import('./trace.js')).trace(argv as unknown as TraceCommandOptions);
      },
    )
    .example([
      ['zerocopy serve /data', 'the files of /data, on http://127.0.0.1:8080/'],
      ['zerocopy demo', 'system calls and CPU time, side by side'],
      ['zerocopy trace download', 'each call of a download, and what it is for'],
      ['zerocopy -t -c /etc/zerocopy.conf', 'check a configuration'],
      ['zerocopy -s reload', 'load it anew, without a lost request'],
    ]);
  await parser
    .strict()
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      // --read twice is two files
      'duplicate-arguments-array': args[0] === 'trace' && args.some(word => word.startsWith('--read')),
    })
    .help()
    .alias('help', 'h')
    .version(version)
    .locale('en')
    .wrap(80)
    .exitProcess(false)
    .fail(explain)
    .parseAsync(args);
}

function nginxOption(describe: string): Options {
  return { describe, group: nginxGroup, global: false };
}

function serveUsage(parser: Argv): Argv {
  return parser
    .usage('zerocopy serve DIR [options]\n\nServes the files of a folder until Ctrl-C.')
    .positional('dir', { type: 'string', describe: 'The folder' })
    .options(serveOptions)
    .example([
      ['zerocopy serve .', 'this folder, on http://127.0.0.1:8080/'],
      ['zerocopy serve /data --host 0.0.0.0 --port 80', 'for all who can reach this machine'],
      ['zerocopy serve /data --sendfile off', 'copy through output buffers instead'],
    ]);
}

function demoUsage(parser: Argv): Argv {
  return parser
    .usage('zerocopy demo [options]\n\nSends one file with sendfile off and with sendfile on, and compares the cost.')
    .options(demoOptions)
    .example([
      ['zerocopy demo', 'a file of 100 MB'],
      ['zerocopy demo --size 1G --json', 'a larger one, for a program to read'],
      ['zerocopy demo --keep', 'keep the file, the traces and the configuration'],
    ]);
}

function traceUsage(parser: Argv): Argv {
  return parser
    .usage(
      'zerocopy trace SCENARIO [options]\nzerocopy trace --read FILE [--read FILE]\n\nRuns a scenario with a server and a client of its own, and shows each system call of the server. Exit code: 0 all checks passed, 1 a check failed, 2 something that is needed is missing.',
    )
    .positional('scenario', { type: 'string', describe: 'One of --list, or record-fixtures' })
    .options(traceOptions)
    .example([
      ['zerocopy trace --list', 'what there is to see'],
      ['zerocopy trace download --client-rate 20M', 'a client that is slower than the server'],
      ['zerocopy trace not-found --against nginx', 'the same with nginx, side by side'],
      ['zerocopy trace download --html page.html', 'the report as a page'],
      ['strace -f -o FILE -p PID; zerocopy trace --read FILE', 'read a trace of any program'],
    ]);
}

/** What yargs says of a mistake, with where to read on; an error of the command itself stays as it is. */
function explain(message: string | null, error: Error | undefined): void {
  if (message === null || message === undefined) throw error;
  // the only argument that a command needs is the folder of serve
  const mistake = message.startsWith('Not enough non-option') ? 'serve needs a folder' : message;
  throw new UsageError(`${mistake} (see zerocopy ${commands.join(' --help, zerocopy ')} --help)`);
}
