import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { everything, experiments } from '../experiments/all.js';
import type { Experiment } from '../experiments/experiment.js';
import { htmlReport } from '../experiments/html/report.js';
import { reportFiles, reportJson } from '../experiments/output.js';
import { type Outcome, type RunSettings, runExperiments } from '../experiments/run.js';
import { reportText } from '../experiments/text.js';
import { defaultPlace } from '../experiments/workplace.js';
import { endOnSignals } from '../tools/children.js';
import { nodePath, print, say, toBytes } from './bytes.js';
import type { ExperimentOptions } from './experiment-options.js';
import { reasonOf, report, UsageError } from './failure.js';
import { bytesOption, checkOnce, numberOption } from './option-values.js';
import { fullPath } from './place.js';
import { Progress, terminal } from './terminal.js';
import { blockSizes } from './transfer-options.js';

/** Of one experiment: the paper's size. All of them together are to take some minutes. */
const defaultSize = '10G';
const defaultSizeOfAll = '2G';
/** The larger file of `all` is so many times as large; the paper's is ten times. */
const largeTimes = 4;
const mostRuns = 1000;

/**
 * `zerocopy experiment`: measures on this machine what the paper and IBM have measured. Exit code: 0 it has run, 1 a transfer
 * failed, 2 the command line is wrong.
 */
export async function experiment(options: ExperimentOptions): Promise<void> {
  if (options.list) {
    list();
    return;
  }
  checkOnce(options, ['_']);
  const chosen = choose(options.name);
  const settings = settingsOf(options);
  // what cannot be written is to be told before anything is measured
  if (options.out !== undefined) mkdirSync(nodePath(fullPath(options.out)), { recursive: true });
  if (options.html !== undefined) accessSync(nodePath(dirname(fullPath(options.html))), constants.W_OK);
  // the children are ended, and the files are removed, by those who listen to 'exit'
  endOnSignals();
  process.stdout.on('error', () => process.exit());
  const progress = new Progress();
  const outcome = await runExperiments(chosen, settings, text => progress.show(text));
  progress.clear();
  write(outcome, options);
  for (const { name, error } of outcome.failures) report('error', `${name}: ${reasonOf(error)}`);
  if (options.keep) say(`zerocopy: the file is kept in ${outcome.folder}`);
  process.exitCode = outcome.failures.length === 0 ? 0 : 1;
}

function list(): void {
  const names = [...experiments, { name: 'all', about: 'all of them, in some minutes, with one report' }];
  const width = Math.max(...names.map(({ name }) => name.length));
  for (const { name, about } of names) print(`${name.padEnd(width)}  ${about}\n`);
}

function choose(name: string | undefined): readonly Experiment[] {
  if (name === 'all') return everything;
  const found = experiments.find(each => each.name === name);
  if (found !== undefined) return [found];
  const names = [...experiments.map(each => each.name), 'all'].join(', ');
  throw new UsageError(`${name === undefined ? 'which experiment?' : `no experiment "${name}":`} There are ${names}`);
}

function settingsOf(options: ExperimentOptions): RunSettings {
  const isAll = options.name === 'all';
  const size = bytesOption('size', options.size ?? (isAll ? defaultSizeOfAll : defaultSize), 1);
  const runs = numberOption('runs', options.runs, 1, mostRuns);
  return {
    ...{ size, runs, largeSize: isAll ? size * largeTimes : size },
    ...{
      blockSize: bytesOption('block-size', options['block-size'], blockSizes.least, blockSizes.most),
      cold: options.cold,
    },
    ...{ cLoop: !options['no-c-loop'], keep: options.keep },
    // what is sent, and as much to store
    folder: options.dir === undefined ? defaultPlace(toBytes(process.cwd()), 2 * size) : fullPath(options.dir),
  };
}

function write({ report: found }: Outcome, { json, html, out }: ExperimentOptions): void {
  if (json) process.stdout.write(reportJson(found));
  else if (found.results.length > 0) process.stdout.write(reportText(found, terminal()));
  if (html !== undefined) writeFileSync(nodePath(fullPath(html)), htmlReport(found));
  if (out === undefined) return;
  const folder = fullPath(out);
  for (const { name, text } of reportFiles(found)) writeFileSync(nodePath(`${folder}/${name}`), text);
}
