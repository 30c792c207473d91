import { writeSync } from 'node:fs';
import { datagramHeader, intervalHeader, intervalLine } from '../tools/interval-lines.js';
import { visible } from '../tools/visible.js';
import type { Interval } from './meter.js';
import { progressLine } from './progress-line.js';

export interface DisplayOptions {
  /** Neither lines nor a bar: standard output is for the JSON. */
  readonly json: boolean;
  /** Interval lines on standard output. */
  readonly intervals: boolean;
  /** Standard error is a terminal. */
  readonly bar: boolean;
}

/** What a display writes to. */
export interface Screen {
  output(text: string): void;
  error(text: string): void;
  /** Of the terminal that shows the bar. */
  columns(): number;
  /** Milliseconds on a clock that only goes forward. */
  now(): number;
}

/** This process's terminal. Nothing is put through a stream: it would wait until Node runs, and its reader may be gone. */
const terminal: Screen = {
  output: text => write(1, text),
  error: text => write(2, text),
  columns: () => process.stderr.columns || 80,
  now: () => performance.now(),
};

function write(fd: number, text: string): void {
  try {
    writeSync(fd, text);
  } catch {
    // nobody listens; the transfer goes on
  }
}

/** Milliseconds between two drawings of the bar. */
const pause = 100;
/** Seconds after which a change of the rate is shown for the most part (63 %). */
const inertia = 2;
const clearLine = '\r\u001b[K';

/**
 * Where a transfer is shown: interval lines on standard output (the paper's table 3), a progress bar with rate and time left
 * on standard error. Both may go to one terminal: the bar is taken away before a line is written, and then drawn again.
 * Texts are byte strings.
 */
export class Display {
  private readonly hasLines: boolean;
  private readonly hasBar: boolean;
  private name = '';
  private total: number | null = null;
  private done = 0;
  private rate: number | null = null;
  private begun = 0;
  /** When the rate was last reckoned, and what was there then. */
  private lastTime = 0;
  private lastDone = 0;
  private isDrawn = false;
  private hasHeader = false;
  private shownTo = 0;

  constructor(
    options: DisplayOptions,
    private readonly screen: Screen = terminal,
  ) {
    this.hasLines = options.intervals && !options.json;
    this.hasBar = options.bar && !options.json;
  }

  /**
   * A transfer, or its next file, begins.
   * @param label what is transferred
   * @param total bytes, null where it is not known
   * @param there bytes that are there already: they count as done, and not in the rate
   */
  begin(label: string, total: number | null, there = 0): void {
    this.name = visible(label);
    this.total = total;
    this.done = there;
    this.lastDone = there;
    this.rate = null;
    this.begun = this.screen.now();
    this.lastTime = this.begun;
    this.draw();
  }

  /** An interval has ended. */
  interval(interval: Interval): void {
    if (!this.hasLines || interval.end <= interval.start) return;
    this.shownTo = interval.end;
    const columns = interval.datagrams === undefined ? intervalHeader : datagramHeader;
    const header = this.hasHeader ? '' : `${columns}\n`;
    this.hasHeader = true;
    this.clear();
    this.screen.output(`${header}${intervalLine(interval)}\n`);
    if (this.isDrawn) this.draw();
  }

  /**
   * To be called as often as one likes: the bar is drawn ten times a second.
   * @param done bytes that are there by now, with those that were there at the begin
   */
  progress(done: number): void {
    this.done = done;
    const now = this.screen.now();
    if (!this.hasBar || now - this.lastTime < pause) return;
    const seconds = (now - this.lastTime) / 1000;
    const latest = Math.max(0, done - this.lastDone) / seconds;
    this.rate = this.rate === null ? latest : this.rate + (latest - this.rate) * (1 - Math.exp(-seconds / inertia));
    this.lastTime = now;
    this.lastDone = done;
    this.draw();
  }

  /** A line on standard error, with --json too. */
  note(text: string): void {
    this.clear();
    this.screen.error(`${visible(text)}\n`);
    if (this.isDrawn) this.draw();
  }

  /**
   * The transfer is over, well or not: the bar goes.
   * @param intervals those of EndFigures, of which the last one may not have been shown yet
   */
  end(intervals: readonly Interval[] = []): void {
    const last = intervals.at(-1);
    if (last !== undefined && last.start >= this.shownTo) this.interval(last);
    this.clear();
    this.isDrawn = false;
    this.hasHeader = false;
    this.shownTo = 0;
  }

  private draw(): void {
    if (!this.hasBar) return;
    const { name, done, total, rate, screen } = this;
    const elapsed = (screen.now() - this.begun) / 1000;
    // a line that fills the last column would be broken by some terminals
    screen.error(clearLine + progressLine({ name, done, total, rate, elapsed }, screen.columns() - 1));
    this.isDrawn = true;
  }

  private clear(): void {
    if (this.isDrawn) this.screen.error(clearLine);
  }
}
