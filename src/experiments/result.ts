/**
 * What an experiment came out with: the one shape that --json prints, that is drawn as tables and plots, and that is read again.
 * It is data alone: texts, numbers, nothing that still has to be worked out.
 */

import type { Colour, Plot, Series } from '../tools/plots/data.js';

export type { Colour, Plot, Series };

/** One transfer, measured from both ends. A GB is 10^9 bytes. */
export interface Sample {
  readonly gigabitsPerSecond: number;
  readonly seconds: number;
  /** Seconds of CPU, user and system, for each 10^9 bytes. */
  readonly senderCpuPerGB: number;
  readonly receiverCpuPerGB: number;
  readonly callsPerGB: { readonly sender: number; readonly receiver: number };
}

/** Another program that was measured in the same rounds (the C loop, Java), and our median over its. */
export interface Peer {
  readonly name: string;
  readonly median: number;
  readonly ratio: number;
}

/** One figure of a table: what was measured, and what the paper says. */
export interface Cell {
  readonly label: string;
  readonly row: string;
  readonly column: string;
  readonly samples: readonly Sample[];
  /** In `unit`, over the samples. */
  readonly median: number;
  /** The interquartile range as a share of the median (src/tools/statistics.ts): 0.05 is 5 %; 0 for one sample. */
  readonly spread: number;
  /** 'Gbit/s', 'ms' … */
  readonly unit: string;
  readonly paper?: number;
  readonly peer?: Peer;
}

export interface Ratio {
  readonly label: string;
  readonly ours: number;
  readonly paper?: number;
}

/** Lines of text that belong together and are printed as they stand: interval lines in the paper's form. */
export interface Listing {
  readonly title: string;
  readonly lines: readonly string[];
}

export interface ExperimentResult {
  readonly name: string;
  readonly title: string;
  /** What the paper did, and what is done here. */
  readonly about: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly cells: readonly Cell[];
  readonly ratios: readonly Ratio[];
  readonly listings?: readonly Listing[];
  readonly plots: readonly Plot[];
  /** Why a ratio differs from the paper's, what does not fit the disk … */
  readonly notes: readonly string[];
  /** The command lines that were run. */
  readonly commands: readonly string[];
}

/** The machine and its settings that a figure depends on. */
export interface MachineReport {
  readonly cpu: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  readonly kernel: string;
  readonly node: string;
  readonly congestionControl: string;
}

export interface ExperimentReport {
  readonly machine: MachineReport;
  /** ISO 8601. */
  readonly started: string;
  readonly pageCache: 'warm' | 'cold';
  readonly fileSystem: string;
  readonly results: readonly ExperimentResult[];
}
