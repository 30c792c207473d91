import { writeFileSync } from 'node:fs';
import { parseOffset, parseSize } from '../conf/values.js';
import { endOnSignals } from '../tools/children.js';
import { recordFixtures } from '../trace/fixtures.js';
import { MissingError } from '../trace/missing.js';
import { readTraces } from '../trace/read-files.js';
import type { TraceReport } from '../trace/report.js';
import { type Outcome, runScenario } from '../trace/run-scenario.js';
import type { Mode, Scenario, ScenarioSettings } from '../trace/scenario.js';
import { scenarios } from '../trace/scenarios/all.js';
import { runBuffers } from '../trace/scenarios/buffers.js';
import { terminalReport } from '../trace/terminal.js';
import { commandLine, nodePath, say } from './bytes.js';
import { UsageError } from './failure.js';
import { wordOption } from './option-values.js';
import { fullPath } from './place.js';
import { Progress, terminal } from './terminal.js';
import type { TraceCommandOptions } from './trace-options.js';

/**
 * `zerocopy trace`: runs a scenario, records what the server asks of the kernel, and says what it means; or reads traces of
 * any program. The exit code is 0 if all checks passed, 1 if one failed, and 2 if something is missing that was asked for.
 */
export async function trace(options: TraceCommandOptions): Promise<void> {
  // the servers and clients are ended, and the folders are removed, by those who listen to 'exit'
  endOnSignals();
  // where the reader (head, less) has gone, there is nobody to tell
  process.stdout.on('error', () => process.exit());
  const progress = new Progress();
  try {
    if (options.list) list();
    else if (options['record-fixtures'] || options.scenario === 'record-fixtures') await fixtures(options, progress);
    else await report(options, progress);
  } catch (error) {
    progress.clear();
    if (!(error instanceof MissingError)) throw error;
    say(`zerocopy: ${error.message}`);
    process.exitCode = 2;
  }
}

function list(): void {
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  for (const { name, about } of scenarios) write(`${name.padEnd(width)}  ${about}\n`);
}

async function fixtures({ into }: TraceCommandOptions, progress: Progress): Promise<void> {
  const files = await recordFixtures(nodePath(fullPath(into)), text => progress.show(text));
  progress.clear();
  for (const file of files) write(`${file}\n`);
}

async function report(options: TraceCommandOptions, progress: Progress): Promise<void> {
  const outcome = await outcomeOf(options, text => progress.show(text));
  progress.clear();
  const found = outcome.report;
  if (options.html !== undefined) {
    const { htmlReport } = await import('../trace/html/report.js');
    writeFileSync(nodePath(fullPath(options.html)), htmlReport(found));
  }
  write(options.json ? json(found) : terminalReport(found, terminal(), options.verbose));
  if (options.html !== undefined && !options.json) write(`\nThe page is in ${words(options.html)}\n`);
  for (const each of outcome.missing) say(`zerocopy: ${each}`);
  if (outcome.missing.length > 0) process.exitCode = 2;
  else process.exitCode = found.checks.every(({ ok }) => ok) ? 0 : 1;
}

async function outcomeOf(options: TraceCommandOptions, progress: (text: string) => void): Promise<Outcome> {
  const typed = words(['zerocopy', ...commandLine()].map(quoted).join(' '));
  const { read, scenario: name } = options;
  if (read !== undefined) {
    if (name !== undefined) throw new UsageError(`--read needs no scenario: leave out "${name}"`);
    if (read.length === 0 || read.length > 2) throw new UsageError('--read takes one file, or two to compare');
    return {
      report: readTraces(
        read.map(path => nodePath(fullPath(path))),
        typed,
      ),
      missing: [],
    };
  }
  const scenario = scenarioOf(name);
  const run = {
    scenario,
    settings: settingsOf(options, scenario),
    modes: modesOf(options.sendfile),
    recorder: wordOption('recorder', options.recorder, ['auto', 'strace', 'ledger'] as const),
    against: options.against === undefined ? undefined : wordOption('against', options.against, ['nginx'] as const),
    commandLine: typed,
    progress,
  };
  return scenario.name === 'buffers' ? runBuffers(run) : runScenario(run);
}

function scenarioOf(name: string | undefined): Scenario {
  const names = scenarios.map(each => each.name).join(', ');
  if (name === undefined) throw new UsageError(`trace needs a scenario: ${names} (see zerocopy trace --help)`);
  const found = scenarios.find(each => each.name === name);
  if (found === undefined) throw new UsageError(`unknown scenario "${name}": there are ${names}`);
  return found;
}

function settingsOf(options: TraceCommandOptions, scenario: Scenario): ScenarioSettings {
  const { size, 'client-rate': rate, 'output-buffers': buffers } = options;
  const [, count = '', each = ''] = /^ *(\d+) +(\w+) *$/.exec(buffers ?? '') ?? [];
  const bytes = parseSize(each);
  if (buffers !== undefined && !(Number(count) > 0 && bytes)) {
    throw new UsageError(`--output-buffers "${buffers}": give a number and a size, such as "2 32k"`);
  }
  return {
    size: size === undefined ? scenario.defaultSize : amount('size', size),
    clientRate: rate === undefined ? 0 : amount('client-rate', rate),
    ...(bytes ? { outputBuffers: { count: Number(count), size: bytes } } : {}),
  };
}

function amount(name: string, text: string): number {
  const value = parseOffset(text);
  if (!value) throw new UsageError(`--${name} "${text}": give bytes, or a number with k, M or G behind`);
  return value;
}

function modesOf(text: string): Mode[] {
  const mode = wordOption('sendfile', text, ['on', 'off', 'both'] as const);
  return mode === 'both' ? ['off', 'on'] : [mode];
}

function quoted(word: string): string {
  return /^[\w./:=,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A byte string of the command line, as a text to show. */
function words(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function write(text: string): void {
  process.stdout.write(text);
}

/** Traces hold bytes of any kind: what is not ASCII is escaped. */
function json(found: TraceReport): string {
  const text = JSON.stringify(found, null, 1);
  return `${text.replace(/[\u007f-\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
