import type { Argv } from 'yargs';
import { type BenchOptions, benchOptions } from './bench-options.js';
import type { Command } from './commands.js';

/** `zerocopy bench`, in yargs' terms. */
export const command: Command = {
  // to be told that they are given twice
  repeatable: Object.keys(benchOptions),
  usage,
  async run(argv) {
    await (await import('./bench.js')).bench(argv as BenchOptions);
  },
};

function usage(parser: Argv): Argv {
  return parser
    .usage(
      'zerocopy bench URL [options]\nzerocopy bench [options]\n\nWith a URL: a load test of any server. Without one: this server beside those that are installed here (nginx, lighttpd, Apache, Caddy, h2o) and those of Node, each with an equivalent configuration, started and stopped in turn over several rounds. Every answer is checked. Exit code: 0 all was measured, 1 something failed or answered wrongly, 2 the command line is wrong, 130 interrupted.',
    )
    .positional('url', { type: 'string', describe: 'http://HOST[:PORT]/PATH, or https' })
    .options(benchOptions)
    .example([
      ['zerocopy bench http://localhost:8080/', 'ten seconds of load, and the latencies'],
      ['zerocopy bench https://host/a.bin --range 0-65535 --insecure', 'a part of a file, from a server under test'],
      ['zerocopy bench --quick', 'beside nginx and lighttpd, in four minutes'],
      ['zerocopy bench --tls', 'HTTPS beside nginx: processor time a gigabyte, a request, a handshake'],
      ['zerocopy bench --targets', 'what this server is to reach beside nginx and lighttpd, and whether it does'],
      ['zerocopy bench --only nginx,zerocopy --workload 1k,100m', 'two servers, two workloads'],
      ['zerocopy bench --html report.html', 'all servers and workloads, as a page with plots'],
    ]);
}
