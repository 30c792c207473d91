/**
 * `npm run fuzz`: gives mutated texts to all that reads what others have written, a million to each. Ends with 1 at the first that is not
 * borne, and prints it with the seed that leads to it.
 */
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { Broken, fuzz } from './target.js';
import { targets } from './targets.js';

/** Of one text. More is a hang. (ms) */
const longestAllowed = 2000;
/** What the process may take, the mutants' garbage included. */
const mostMemory = 512 * 1024 * 1024;

const options = await yargs(hideBin(process.argv))
  .scriptName('npm run fuzz --')
  .usage('$0 [options]\n\nGives mutated texts to the parsers of requests, ranges and configurations.')
  .option('count', { type: 'number', default: 1_000_000, describe: 'Texts for each' })
  .option('seed', {
    type: 'number',
    default: Math.floor(Math.random() * 2 ** 31),
    describe: 'The same seed gives the same texts',
  })
  .option('only', { type: 'string', default: '', describe: 'Of them, those whose names begin so' })
  .version(false)
  .strict()
  .parse();

process.stdout.write(`seed ${options.seed}\n`);
for (const target of targets.filter(({ name }) => name.startsWith(options.only))) {
  let memory = 0;
  const begun = performance.now();
  const show = (done: number) => {
    memory = Math.max(memory, process.memoryUsage.rss());
    if (process.stdout.isTTY) process.stdout.write(`\r${target.name}: ${done.toLocaleString('en')}`);
  };
  try {
    const { accepted, refused, longest, slowest } = fuzz(target, options.count, options.seed, show);
    show(options.count);
    const seconds = (performance.now() - begun) / 1000;
    const figures = `${accepted.toLocaleString('en')} accepted, ${refused.toLocaleString('en')} refused, longest ${longest.toFixed(1)} ms`;
    process.stdout.write(
      `${process.stdout.isTTY ? '\r' : ''}${target.name}: ${figures}, ${(memory / 2 ** 20).toFixed(0)} MB, ${seconds.toFixed(0)} s\n`,
    );
    if (longest > longestAllowed) throw new Broken(slowest, new Error(`took ${longest.toFixed(0)} ms`));
    if (memory > mostMemory) throw new Error(`took ${memory} bytes of memory`);
  } catch (error) {
    process.stderr.write(`\n${target.name}, seed ${options.seed}: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
