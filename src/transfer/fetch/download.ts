import type { EventLoop } from '../../event/loop.js';
import type { Display } from '../display.js';
import { TransferError } from '../failure.js';
import { BrokenConnection } from '../http/broken.js';
import { Retries } from '../http/retries.js';
import { type HttpTarget, parseUrl } from '../http/url.js';
import type { CallCounts, Sink } from '../paths/path.js';
import type { FileReport } from '../report.js';
import { reportIfThere } from './already-there.js';
import { Client } from './client.js';
import type { Flow } from './flow.js';
import { HasChanged, type Job, StartAnew } from './job.js';
import { Opener } from './opener.js';
import { type Opening, openingOf } from './opening.js';
import { OutputSink } from './output-sink.js';
import { Pieces } from './pieces.js';
import { wholeFile } from './request.js';
import { type FetchSettings, isToOutput } from './settings.js';
import { FileStorage, OutputStorage, type Storage } from './storage.js';
import { Streams } from './streams.js';
import { differenceOf } from './version.js';

/** What a download is given by who runs it. */
export interface DownloadHost {
  readonly loop: EventLoop;
  readonly settings: FetchSettings;
  readonly flow: Flow;
  readonly display: Display;
  /** Bytes are about to come. */
  begin(): void;
}

/** Fetches one URL into one file. */
export class Download {
  private readonly origin: HttpTarget;
  private readonly retries: Retries;
  private readonly opener: Opener;
  private readonly clients: Client[] = [];
  private readonly sinks: Sink[] = [];
  private streams: Streams | null = null;
  private storage: Storage | null = null;
  private failure: Error | null = null;

  /**
   * @param url a byte string
   * @throws TransferError (kind refused) for a URL that is none
   */
  constructor(
    private readonly host: DownloadHost,
    url: string,
  ) {
    const { loop, settings } = host;
    const target = parseUrl(url);
    const { authorization } = settings;
    this.origin = authorization === '' ? target : { ...target, authorization };
    this.retries = new Retries(settings.retries);
    this.opener = new Opener(loop, settings, this.origin, this.retries, text => this.note(text));
  }

  get isSecure(): boolean {
    return this.origin.secure;
  }

  /** System calls so far. */
  get calls(): CallCounts[] {
    return [...this.sinks, ...this.clients].map(({ calls }) => calls);
  }

  get softErrors(): number {
    return this.clients.reduce((sum, { softErrors }) => sum + softErrors.count, 0);
  }

  /**
   * @returns when the file has its name
   * @throws TransferError that says what has become of what came
   */
  async run(): Promise<FileReport> {
    try {
      return await this.fetch();
    } catch (error) {
      const reason = this.failure ?? error;
      const kept = this.storage?.abandon(!(reason instanceof HasChanged)) ?? '';
      if (kept === '' || !(reason instanceof TransferError)) throw reason;
      throw new TransferError(`${reason.message}; ${kept}`, reason.kind, { cause: error });
    } finally {
      this.close(new BrokenConnection('the transfer is over'));
    }
  }

  private async fetch(): Promise<FileReport> {
    const { loop, settings, display } = this.host;
    const { opening, name } = await this.opener.open(this.newClient());
    const { version } = opening;
    const codings = opening.answer.head.list('content-encoding').filter(coding => coding !== 'identity');
    if (codings.length > 0) this.note(`the server sends it coded (${codings.join(', ')}), and so it is stored`);
    if (settings.resume && !isToOutput(settings)) {
      const report = await reportIfThere(loop, name, version, settings);
      if (report !== null) {
        this.note(`"${name}" is there already, as large as at the server and not older`);
        return report;
      }
    }
    const storage = await this.newStorage(name, opening);
    this.storage = storage;
    if (storage.restarted !== undefined) this.note(`"${name}" is fetched from its start: ${storage.restarted}`);
    display.begin(storage.name, version.size, storage.there);
    this.host.begin();
    const job = this.newJob(opening, storage);
    await this.fetchParts(job, opening, storage);
    const size = job.size ?? storage.there;
    const checksum = await storage.finish(size, version);
    const report = { name: storage.name, size, resumedFrom: storage.resumedFrom };
    return checksum === undefined ? report : { ...report, checksum };
  }

  private async newStorage(name: string, { version }: Opening): Promise<Storage> {
    const { loop, settings } = this.host;
    if (!isToOutput(settings)) return FileStorage.open(loop, name, settings, version);
    return new OutputStorage(onStored => new OutputSink(settings.blockSize, onStored));
  }

  private newJob({ answer, version }: Opening, storage: Storage): Job {
    const { loop, settings, flow } = this.host;
    return {
      loop,
      settings,
      flow,
      retries: this.retries,
      origin: this.origin,
      target: answer.target,
      version,
      size: version.size,
      makeSink: () => {
        const sink = storage.makeSink();
        this.sinks.push(sink);
        return sink;
      },
      makeClient: () => this.newClient(),
      there: () => storage.there,
      note: text => this.note(text),
    };
  }

  private newClient(): Client {
    const client = new Client(this.host.loop, this.host.settings);
    this.clients.push(client);
    if (this.failure !== null) client.close(this.failure);
    return client;
  }

  /** All of it; from the start, where parts cannot be had. */
  private async fetchParts(job: Job, first: Opening, storage: Storage): Promise<void> {
    let opening: Opening | null = first;
    while (opening !== null) {
      try {
        await this.fetchFrom(opening, job, storage);
        opening = null;
      } catch (error) {
        if (!(error instanceof StartAnew)) throw error;
        this.note(`${error.message}: it is fetched from its start, in one stream`);
        opening = await this.reopen(job, error);
        storage.forget();
      }
    }
  }

  private async reopen(job: Job, { opened }: StartAnew): Promise<Opening> {
    const again = opened === null ? '' : openingOf(opened.client, opened.answer, wholeFile);
    const opening = typeof again === 'string' ? await this.opener.ask(this.newClient(), wholeFile) : again;
    const difference = differenceOf(job.version, opening.version);
    if (difference === '') return opening;
    opening.answer.drop();
    throw new HasChanged(job, difference);
  }

  private async fetchFrom(opening: Opening, job: Job, storage: Storage): Promise<void> {
    const { answer, client, range, hasParts, whyAll } = opening;
    if (!hasParts && storage.there > 0) {
      this.note(`${whyAll}: it is fetched from its start`);
      storage.forget();
    } else if (whyAll !== '' && job.settings.streams > 1) {
      this.note(`${whyAll}: one stream fetches it`);
    }
    const count = hasParts ? job.settings.streams : 1;
    const pieces = new Pieces(storage.missing(job.size), count);
    const piece = pieces.takeFrom(range, job.loop.now);
    if (piece === null) answer.drop();
    if (pieces.isDone) return;
    this.streams = new Streams(job, pieces, client, count);
    if (this.failure !== null) this.streams.fail(this.failure);
    await this.streams.run(piece === null ? null : { answer, piece });
  }

  /** To be called now and then. */
  follow(): void {
    if (this.storage === null) return;
    this.storage.follow();
    this.host.display.progress(this.storage.there);
  }

  /** Ends it from outside; `run` fails with this error. */
  fail(error: Error): void {
    this.failure = error;
    this.streams?.fail(error);
    this.storage?.stop();
    this.close(error);
  }

  private close(error: Error): void {
    for (const client of this.clients) client.close(error);
    this.opener.close();
  }

  private note(text: string): void {
    this.host.display.note(`zerocopy: ${text}`);
  }
}
