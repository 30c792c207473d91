import type { Lab } from './lab.js';
import type { ExperimentResult } from './result.js';

/** What an experiment has found; settings and command lines are added where it is run. */
export type Finding = Omit<ExperimentResult, 'settings' | 'commands'> & {
  readonly settings?: Readonly<Record<string, string>>;
};

export interface Experiment {
  readonly name: string;
  /** A line for --list. */
  readonly about: string;
  /** @throws ExperimentError, or an error of the files' */
  run(lab: Lab): Promise<readonly Finding[]>;
}
