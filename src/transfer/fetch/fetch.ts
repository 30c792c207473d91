import { EventLoop } from '../../event/loop.js';
import type { Display } from '../display.js';
import { TransferError } from '../failure.js';
import { Meter } from '../meter.js';
import { Pacer } from '../pacer.js';
import type { CallCounts } from '../paths/path.js';
import type { EndReport, FileReport } from '../report.js';
import { Ticker } from '../ticker.js';
import { Download, type DownloadHost } from './download.js';
import type { FetchSettings } from './settings.js';

/** Ms between two looks at how far it is. */
const progressMs = 100;

export interface FetchResult {
  /** What was fetched, and what it has cost. */
  readonly report: EndReport;
  /** Why the URLs failed that did; messages are byte strings. */
  readonly failures: readonly Error[];
}

/** `zerocopy fetch`: one URL after the other. */
export class Fetching {
  private readonly loop: EventLoop;
  private readonly meter: Meter;
  private readonly host: DownloadHost;
  private readonly tickers: readonly Ticker[];
  private readonly past: Download[] = [];
  private download: Download | null = null;
  private stopped: Error | null = null;
  private hasBegun = false;
  private waitsAtBegin = 0;

  /**
   * @param urls byte strings
   * @param interval seconds from one interval line to the next; 0: none
   */
  constructor(
    private readonly urls: readonly string[],
    private readonly settings: FetchSettings,
    private readonly display: Display,
    interval: number,
  ) {
    const loop = new EventLoop(error => this.fault(error));
    const meter = new Meter(() => performance.now());
    this.loop = loop;
    this.meter = meter;
    const flow = { meter, pacer: new Pacer(settings.rate, () => loop.now, settings.blockSize) };
    this.host = { loop, settings, flow, display, begin: () => this.begin() };
    const bar = new Ticker(loop, progressMs, () => this.download?.follow());
    const lines = new Ticker(loop, interval * 1000, () => display.interval(meter.tick()));
    this.tickers = interval > 0 ? [bar, lines] : [bar];
  }

  /**
   * Fetches all of them; one that fails does not keep the others from it. The process has a running loop meanwhile.
   * @throws what is a mistake of this program
   */
  async run(): Promise<FetchResult> {
    const files: FileReport[] = [];
    const failures: Error[] = [];
    this.loop.start();
    try {
      for (const url of this.urls) {
        try {
          files.push(await this.fetch(url));
        } catch (error) {
          if (!(error instanceof TransferError)) throw error;
          failures.push(error);
        }
        if (this.stopped !== null) break;
      }
      return { report: this.report(files), failures };
    } finally {
      for (const ticker of this.tickers) ticker.stop();
      this.loop.stop();
    }
  }

  private async fetch(url: string): Promise<FileReport> {
    const download = new Download(this.host, url);
    this.download = download;
    this.past.push(download);
    if (this.stopped !== null) download.fail(this.stopped);
    try {
      return await download.run();
    } finally {
      this.download = null;
    }
  }

  private begin(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.meter.begin();
    this.waitsAtBegin = this.loop.waits;
    for (const ticker of this.tickers) ticker.start();
  }

  private report(files: readonly FileReport[]): EndReport {
    const { settings, past } = this;
    const isSecure = past.some(download => download.isSecure);
    const figures = this.meter.end(this.calls());
    this.display.end(figures.intervals);
    return {
      ...figures,
      role: 'fetch',
      transport: isSecure ? 'https' : 'http',
      path: settings.zeroCopy && !isSecure ? 'splice' : 'read+write',
      settings: shownSettings(settings),
      softErrors: past.reduce((sum, { softErrors }) => sum + softErrors, 0),
      files,
    };
  }

  private calls(): CallCounts {
    const sum: CallCounts = { epoll_pwait: this.loop.waits - this.waitsAtBegin };
    for (const counts of this.past.flatMap(({ calls }) => calls)) {
      for (const [name, times] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + times;
    }
    return sum;
  }

  /**
   * Ends it early: what has come is kept, and `run` returns with the failure.
   * @param why `SIGINT`
   */
  stop(why: string): void {
    this.stopped = new TransferError(`ended by its user (${why})`, 'refused');
    this.download?.fail(this.stopped);
  }

  /** A handler has thrown: nobody knows what state it has left. */
  private fault(error: unknown): void {
    this.display.note(`internal error: ${error instanceof Error ? error.stack : error}`);
    this.stopped = error instanceof Error ? error : new Error(String(error));
    this.download?.fail(this.stopped);
  }
}

function shownSettings(settings: FetchSettings): EndReport['settings'] {
  const { streams, blockSize, rate, resume, zeroCopy, fsync, retries, timeoutMs } = settings;
  return { streams, blockSize, rate, resume, zeroCopy, fsync, retries, timeout: timeoutMs / 1000 };
}
