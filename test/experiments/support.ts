/** Runs `zerocopy experiment` at a tiny size, and looks at what it leaves. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Cell, ExperimentReport, ExperimentResult } from '../../src/experiments/result.js';

const program = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder for the files of experiments; it is empty when they have ended. */
export class Bench {
  readonly folder = mkdtempSync(`${tmpdir()}/zerocopy-experiment-test-`);

  /** `zerocopy experiment` with its files in the folder; `stop` is sent once `when` holds. */
  async run(args: readonly string[], stop?: { readonly signal: NodeJS.Signals; when(): boolean }): Promise<Finished> {
    const child = spawn(process.execPath, [program, 'experiment', ...args], {
      env: { ...process.env, TMPDIR: this.folder },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', part => {
      stdout += part;
    });
    child.stderr.on('data', part => {
      stderr += part;
    });
    const end = new Promise<number | null>(resolve => child.on('close', resolve));
    if (stop !== undefined) {
      await until(() => stop.when() || child.exitCode !== null, `${args.join(' ')} comes so far: ${stderr}`);
      child.kill(stop.signal);
    }
    return { code: await end, stdout, stderr };
  }

  /** An experiment of 8 MB, which is to go well. */
  async report(...args: string[]): Promise<ExperimentReport> {
    const { code, stdout, stderr } = await this.run([...args, '--size', '8M', '--runs', '1', '--json']);
    assert.equal(code, 0, stderr);
    assert.deepEqual(this.left, [], 'nothing is left');
    return JSON.parse(stdout) as ExperimentReport;
  }

  /** The one result of such a report, which is sound. */
  async result(name: string, ...args: string[]): Promise<ExperimentResult> {
    const report = await this.report(name, ...args);
    assertSound(report);
    assert.deepEqual(
      report.results.map(result => result.name),
      [name],
    );
    return resultOf(report, name);
  }

  get left(): string[] {
    return readdirSync(this.folder);
  }

  /** The processes that run in the folder. */
  get processes(): string[] {
    const links = readdirSync('/proc').filter(name => /^\d+$/.test(name));
    return links.filter(pid => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`TMPDIR=${this.folder}`);
      } catch {
        return false;
      }
    });
  }

  clean(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const patience = 60_000;

export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + patience;
  while (!holds()) {
    assert.ok(performance.now() < deadline, `waited in vain: ${what}`);
    await sleep(10);
  }
}

/** What must be true of every report: it is whole, and its figures follow from its samples. */
export function assertSound({ machine, started, pageCache, fileSystem, results }: ExperimentReport): void {
  assert.ok(machine.cores >= 1 && machine.memory > 0);
  for (const text of [machine.cpu, machine.kernel, machine.node, machine.congestionControl, fileSystem])
    assert.ok(text !== '');
  assert.ok(Math.abs(Date.parse(started) - Date.now()) < 600_000);
  assert.ok(pageCache === 'warm' || pageCache === 'cold');
  for (const result of results) assertSoundResult(result);
}

function assertSoundResult(result: ExperimentResult): void {
  const { name, title, about, settings, cells, ratios, plots, notes, commands } = result;
  for (const text of [title, about, ...notes, ...commands]) {
    assert.match(text, /\S/);
    assert.doesNotMatch(text, /undefined|NaN|Infinity|\[object/, `${name}: ${text}`);
  }
  for (const key of ['size', 'runs', 'block size', 'socket buffers', 'page cache']) {
    assert.match(settings[key] ?? '', /\S/, `${name} names its ${key}`);
  }
  assert.ok(commands.some(command => /^(zerocopy|store-writer) /.test(command)));
  for (const cell of cells) assertSoundCell(name, cell);
  for (const { label, ours } of ratios) assert.ok(Number.isFinite(ours) && ours > 0, `${name}: ${label} is ${ours}`);
  assert.ok(plots.length > 0);
  for (const { series, kind, categories = [] } of plots) {
    assert.ok(series.length > 0);
    for (const { points, name: line } of series) {
      assert.ok(points.length > 0, `${name}: ${line}`);
      assert.ok(points.flat().every(Number.isFinite), `${name}: ${line}`);
      if (kind === 'bars') assert.ok(points.every(([x]) => categories[x] !== undefined));
    }
  }
}

function assertSoundCell(name: string, { label, samples, median, spread, unit, peer }: Cell): void {
  assert.ok(samples.length > 0, `${name}: ${label} has samples`);
  assert.ok(Number.isFinite(median) && median > 0, `${name}: ${label} is ${median}`);
  assert.ok(Number.isFinite(spread) && spread >= 0);
  assert.match(unit, /\S/);
  for (const sample of samples) {
    const { callsPerGB, ...values } = sample;
    const numbers = [...Object.values(values), ...Object.values(callsPerGB)];
    assert.ok(
      numbers.every(value => Number.isFinite(value) && value >= 0),
      `${name}: ${label}`,
    );
    assert.ok(sample.seconds > 0 && sample.gigabitsPerSecond > 0);
  }
  if (peer !== undefined) assert.ok(Math.abs(peer.ratio - median / peer.median) < 1e-9);
}

/** The result of that name. */
export function resultOf({ results }: ExperimentReport, name: string): ExperimentResult {
  const found = results.find(result => result.name === name);
  assert.ok(found !== undefined, `a result "${name}"`);
  return found;
}

export const labels = ({ cells }: ExperimentResult) => cells.map(({ label }) => label);
export const papers = ({ cells }: ExperimentResult) => cells.map(({ paper }) => paper);
