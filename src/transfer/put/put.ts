import { setTimeout as sleep } from 'node:timers/promises';
import { EventLoop } from '../../event/loop.js';
import type { Display } from '../display.js';
import { TransferError } from '../failure.js';
import { BrokenConnection } from '../http/broken.js';
import { withoutSecrets } from '../http/request.js';
import { Retries } from '../http/retries.js';
import { type HttpTarget, withFileName } from '../http/url.js';
import { Meter } from '../meter.js';
import { plain } from '../plain.js';
import type { EndReport } from '../report.js';
import { SourceFile } from '../source-file.js';
import { Ticker } from '../ticker.js';
import { type Answer, type Attempt, putFields } from './attempt.js';
import { putPlain } from './plain-exchange.js';
import type { PutSettings } from './settings.js';
import { putTls } from './tls-exchange.js';
import { judge, type Verdict } from './verdict.js';

export interface PutResult {
  /** Where the file is, without user and password. */
  readonly url: string;
  /** `201 Created`: a byte string, harmless for a terminal. */
  readonly status: string;
  readonly report: EndReport;
}

const mostRedirects = 10;
/** Ms between two looks at how far it is. */
const progressMs = 100;

/**
 * Puts a file to a URL (PUT, RFC 9110 section 9.3.4), again from its start where the connection breaks or the server cannot
 * for the moment. The process has a running loop meanwhile.
 * @throws TransferError where it fails for good: what was wrong, what the server said, and what to do
 */
export async function putFile(settings: PutSettings, display: Display): Promise<PutResult> {
  const file = SourceFile.open(settings.path);
  const loop = new EventLoop(error => display.note(`internal error: ${error}`));
  loop.start();
  const upload = new Upload(loop, file, settings, display);
  try {
    return await upload.run();
  } finally {
    upload.stop();
    loop.stop();
    file.close();
  }
}

/** All tries to put one file. */
class Upload {
  private readonly meter = new Meter(() => performance.now());
  private readonly tickers: readonly Ticker[];
  private readonly retries: Retries;
  /** Where each try begins; redirects may lead elsewhere. */
  private readonly start: HttpTarget;
  private expects = true;
  /** Whether there was a server: where there is none from the beginning, trying again is of no use. */
  private hasConnected = false;
  private waitsAtBegin = 0;

  constructor(
    private readonly loop: EventLoop,
    private readonly file: SourceFile,
    private readonly settings: PutSettings,
    private readonly display: Display,
  ) {
    const { meter } = this;
    this.start = withFileName(settings.target, file.name);
    this.retries = new Retries(settings.retries);
    const bar = new Ticker(loop, progressMs, () => display.progress(meter.bytes));
    const lines = new Ticker(loop, settings.interval * 1000, () => display.interval(meter.tick()));
    this.tickers = settings.interval > 0 ? [bar, lines] : [bar];
  }

  async run(): Promise<PutResult> {
    let target = this.start;
    let redirects = 0;
    for (;;) {
      const attempt = this.attemptAt(target);
      const verdict = await this.verdictOn(attempt);
      this.stopTickers();
      if (verdict.kind === 'failed') throw verdict.error;
      this.checkFile();
      if (verdict.kind === 'done') return this.result(attempt, verdict.answer);
      if (verdict.kind === 'without-expect') this.expects = false;
      if (verdict.kind === 'redirect') {
        redirects += 1;
        if (redirects > mostRedirects) throw endless(target);
        target = verdict.target;
      }
      if (verdict.kind === 'retry') {
        await this.pause(verdict.error, verdict.askedMs);
        target = this.start;
        redirects = 0;
      }
    }
  }

  /** Nothing is shown any more. */
  stop(): void {
    this.stopTickers();
    this.display.end();
  }

  private stopTickers(): void {
    for (const ticker of this.tickers) ticker.stop();
  }

  private attemptAt(target: HttpTarget): Attempt {
    const { file, settings, meter } = this;
    const headers = isSameServer(target, this.start) ? settings.headers : withoutSecrets(settings.headers);
    return {
      target,
      fields: putFields(target, file.size, this.expects, headers),
      file,
      settings,
      begin: () => this.begin(),
      moved: bytes => meter.add(bytes),
    };
  }

  private begin(): void {
    this.display.end();
    this.display.begin(this.file.name, this.file.size);
    this.meter.begin();
    this.waitsAtBegin = this.loop.waits;
    for (const ticker of this.tickers) ticker.start();
  }

  private async verdictOn(attempt: Attempt): Promise<Verdict> {
    try {
      const answer = await (attempt.target.secure ? putTls(attempt) : putPlain(this.loop, attempt));
      this.hasConnected = true;
      return judge(answer, attempt, Date.now());
    } catch (error) {
      const isBroken = error instanceof BrokenConnection;
      const isLost = this.hasConnected && error instanceof TransferError && error.kind === 'network';
      if (!isBroken && !isLost) throw error;
      this.hasConnected = true;
      return { kind: 'retry', error, askedMs: 0 };
    }
  }

  /** Waits until it is time to begin anew. */
  private async pause(error: TransferError, askedMs: number): Promise<void> {
    const { retries, display } = this;
    const pauseMs = retries.next(0, askedMs);
    if (pauseMs === null) throw retries.count > 0 ? inVain(error, retries.count + 1) : error;
    const [reason] = error.message.split('\n', 1);
    const seconds = Math.max(0.1, pauseMs / 1000).toFixed(1);
    display.note(`${reason}; again from the start in ${seconds} s (try ${retries.count + 1} of ${retries.most + 1})`);
    await sleep(pauseMs);
  }

  /** A file that changes between the first try and the last byte is none that anybody had. */
  private checkFile(): void {
    const change = this.file.changed();
    if (change === undefined) return;
    const { path } = this.file;
    throw new TransferError(
      `"${path}" ${change} while it was sent: what is at ${this.start.url} may be no file of yours; send it again`,
      'source',
    );
  }

  private result({ target, settings }: Attempt, answer: Answer): PutResult {
    const { file, meter, loop } = this;
    const { blockSize, rate, zeroCopy, retries, timeoutMs } = settings;
    const { head, path, calls, softErrors } = answer;
    const counted = target.secure ? calls : { ...calls, epoll_pwait: loop.waits - this.waitsAtBegin };
    const report: EndReport = {
      ...meter.end(counted),
      role: 'put',
      transport: target.secure ? 'https' : 'http',
      path,
      settings: { url: target.url, blockSize, rate, zeroCopy, retries, timeout: timeoutMs / 1000 },
      softErrors,
      files: [{ name: file.name, size: file.size, resumedFrom: 0 }],
    };
    this.display.end(report.intervals);
    return { url: target.url, status: plain(head.statusText), report };
  }
}

function isSameServer(one: HttpTarget, other: HttpTarget): boolean {
  return one.secure === other.secure && one.host === other.host && one.port === other.port;
}

function endless(target: HttpTarget): TransferError {
  return new TransferError(
    `the servers have redirected ${mostRedirects} times, last to ${target.url}: it leads nowhere`,
    'peer',
  );
}

function inVain(error: TransferError, tries: number): TransferError {
  return new TransferError(`tried ${tries} times in vain: ${error.message}`, error.kind, { cause: error });
}
