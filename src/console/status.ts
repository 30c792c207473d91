import type { Place } from '../conf/places.js';
import { visible } from '../tools/visible.js';
import { version } from '../version.js';
import type { ConsoleHost } from './host.js';
import type { Sampler } from './sampler.js';
import type { ControlFacts, LiveMessage, PlaceFacts, Sample, ServerFacts, Snapshot } from './snapshot.js';

/** Samples whose system calls are told: those of earlier ones would make each status twice as long. */
const samplesWithCalls = 60;

/** Puts together what `GET /status` and the WebSocket tell. */
export class Status {
  constructor(
    private readonly host: ConsoleHost,
    private readonly sampler: Sampler,
    private readonly backend: ServerFacts['backend'],
    /** Asked each time: it changes when a server becomes another's. */
    private readonly control: () => ControlFacts,
  ) {}

  snapshot(): Snapshot {
    const { history } = this.sampler;
    const early = history.slice(0, -samplesWithCalls).map(sample => ({ ...sample, calls: {} }));
    return { ...this.now(), history: [...early, ...history.slice(-samplesWithCalls)] };
  }

  /**
   * @param sample the newest one, where there is one since the last news
   * @param lastRequest serials of what was told before
   */
  news(sample: Sample | null, lastRequest: number, lastError: number): LiveMessage {
    const { requests, errors, ...rest } = this.now();
    return {
      type: 'news',
      ...rest,
      sample,
      requests: requests.filter(({ serial }) => serial > lastRequest),
      errors: errors.filter(({ serial }) => serial > lastError),
    };
  }

  private now(): Omit<Snapshot, 'history'> {
    const { sampler } = this;
    sampler.readRecords();
    return {
      server: this.server(),
      control: this.control(),
      workers: sampler.workers(),
      places: this.host.places().map(place => this.placeFacts(place)),
      ...sampler.figures(),
      requests: sampler.recent.requests,
      errors: sampler.recent.errors,
    };
  }

  private server(): ServerFacts {
    const { configuration, startedAt, reloads, hasMaster } = this.host;
    return {
      ...{ version, node: process.version, pid: process.pid, backend: this.backend },
      ...{ configuration: visible(configuration), startedAt, reloads, hasMaster },
    };
  }

  private placeFacts({ id, kind, name, file, line, settings }: Place): PlaceFacts {
    const { count, size } = settings.outputBuffers;
    const changed = [...(this.host.changes.get(id)?.keys() ?? [])] as PlaceFacts['changed'];
    return {
      ...{ id, kind, name: visible(name), where: `${visible(file)}:${line}` },
      ...{ sendfile: settings.sendfile, bufferNumber: count, bufferSize: size, changed },
    };
  }
}
