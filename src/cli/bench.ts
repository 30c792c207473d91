import { type BenchOptions, optionsOf } from './bench-options.js';
import { commandLine } from './bytes.js';
import { UsageError } from './failure.js';
import { checkOnce } from './option-values.js';

/**
 * `zerocopy bench`: a load test of one URL, or the comparison of servers. Exit code: 0 all was measured, 1 something failed or
 * answered wrongly, 2 the command line is wrong, 130 interrupted.
 */
export async function bench(options: BenchOptions): Promise<void> {
  checkOnce(options, ['header', '_']);
  const { url } = options;
  const wrong = optionsOf(url === undefined ? 'url' : 'comparison').find(isGiven);
  if (wrong !== undefined) {
    throw new UsageError(
      `--${wrong} goes ${url === undefined ? 'with a URL' : 'without a URL'} (see zerocopy bench --help)`,
    );
  }
  if (url !== undefined) await (await import('./bench-url.js')).benchUrl(options, url);
  else if (options.targets && !options.list) await (await import('./bench-targets.js')).benchTargets(options);
  else await (await import('./bench-comparison.js')).benchComparison(options);
}

function isGiven(option: string): boolean {
  return commandLine().some(word => word === `--${option}` || word.startsWith(`--${option}=`));
}
