import { loadavg } from 'node:os';
import { decoded } from '../tools/visible.js';
import { sizeText } from '../tools/words.js';
import { placeOf } from './all.js';
import type { Experiment, Finding } from './experiment.js';
import { Lab, type LabSettings, type Progress } from './lab.js';
import { bufferLimits, machineReport } from './machine.js';
import type { ExperimentReport, ExperimentResult } from './result.js';
import { type RoomOf, Workplace } from './workplace.js';

export interface RunSettings extends LabSettings {
  /** Where files are made and stored: a folder, a byte string. */
  readonly folder: string;
  /** The files stay. */
  readonly keep: boolean;
}

/** One that could not be done. */
export interface Failure {
  readonly name: string;
  readonly error: Error;
}

export interface Outcome {
  readonly report: ExperimentReport;
  /** Of several experiments, those that failed; the others are in the report. */
  readonly failures: readonly Failure[];
  /** Where the files were, a byte string. */
  readonly folder: string;
}

/**
 * Runs experiments one after the other, in a folder of their own which goes at the end.
 * @param progress told of what is done
 * @param room what the disk has left; tests have smaller disks
 * @throws an error of Node's where the folder cannot be made
 */
export async function runExperiments(
  chosen: readonly Experiment[],
  settings: RunSettings,
  progress: Progress,
  room?: RoomOf,
): Promise<Outcome> {
  const started = new Date().toISOString();
  const machine = machineReport();
  const place = new Workplace(settings.folder, settings.keep);
  const results: ExperimentResult[] = [];
  const failures: Failure[] = [];
  try {
    for (const [index, experiment] of chosen.entries()) {
      const count = chosen.length === 1 ? '' : ` (${index + 1} of ${chosen.length})`;
      const lab = new Lab(settings, place, text => progress(`${experiment.name}${count}: ${text}`), room);
      try {
        const findings = await experiment.run(lab);
        results.push(...findings.map(finding => resultOf(finding, lab)));
      } catch (error) {
        failures.push({ name: experiment.name, error: error instanceof Error ? error : new Error(String(error)) });
      }
    }
  } finally {
    place.remove();
  }
  const { type, source } = place.fileSystem;
  const pageCache = settings.cold ? 'cold' : 'warm';
  return {
    report: { machine, started, pageCache, fileSystem: `${type} (${decoded(source)})`, results: inOrder(results) },
    failures,
    folder: place.path,
  };
}

/** As the experiments are named, whatever the order in which they were run. */
function inOrder(results: readonly ExperimentResult[]): ExperimentResult[] {
  return [...results].sort((a, b) => placeOf(a.name) - placeOf(b.name));
}

/** What concerns this result alone; the machine is the report's. */
function resultOf(finding: Finding, lab: Lab): ExperimentResult {
  const { settings, cacheState, commands } = lab;
  const { send, receive } = bufferLimits();
  return {
    ...finding,
    settings: {
      size: sizeText(settings.size),
      runs: `${settings.runs} of each, in turn; median and spread (interquartile range / median)`,
      'block size': sizeText(settings.blockSize),
      'socket buffers': `the kernel's own choice (least, default, most: tcp_wmem ${send}; tcp_rmem ${receive})`,
      'page cache': cacheState,
      'load average': loadavg()[0].toFixed(2),
      ...finding.settings,
    },
    commands,
  };
}
