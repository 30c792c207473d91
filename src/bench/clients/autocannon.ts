import autocannon from 'autocannon';
import { Histogram } from '../histogram.js';
import type { CannonResult, CannonSettings, LengthCount } from './cannon.js';
import { type Endings, type Inside, WatchedConnection } from './watched-connection.js';

/** Load by autocannon, watched more closely than it does itself. */

const mostLengths = 20;
/** Milliseconds: Ctrl-C waits no longer. */
const sampleInterval = 100;

/**
 * Loads a URL until the time is over or the signal is aborted; what was measured until then counts.
 * @param tick told of the seconds that have gone and of the answers in the last one
 */
export async function loadByAutocannon(
  settings: CannonSettings,
  signal: AbortSignal,
  tick: (second: number, answers: number) => void = () => {},
): Promise<CannonResult> {
  const watch = new Watch();
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const options = optionsOf(settings, watch);
    const instance = autocannon(options, (error, done) => (error ? reject(error) : resolve(done)));
    instance.on('tick', () => tick(...watch.second()));
    if (signal.aborted) instance.stop();
    signal.addEventListener('abort', () => instance.stop(), { once: true });
  });
  const { user, system } = process.cpuUsage(cpu);
  return {
    requests: watch.answers,
    seconds: result.duration,
    bytes: result.throughput.total,
    statuses: watch.statuses(),
    lengths: watch.lengths(),
    timeouts: result.timeouts,
    ...watch.endings,
    latency: watch.latency.toJSON(),
    perSecond: watch.perSecond,
    clientLoad: (user + system) / 1000 / (performance.now() - begun),
  };
}

function optionsOf(settings: CannonSettings, watch: Watch): autocannon.Options {
  const { url, connections, seconds, pipelining, rate, headers, timeout } = settings;
  return {
    ...{ url, connections, pipelining, timeout, duration: seconds },
    // it ends with a sample
    sampleInt: Math.min(sampleInterval, seconds * 1000),
    headers: { ...headers },
    ...(rate > 0 && { overallRate: rate }),
    setupClient: client => watch.client(client as unknown as Inside),
  };
}

/** Looks at every answer of every client. */
class Watch {
  readonly latency = new Histogram();
  readonly perSecond: number[] = [];
  readonly endings: Endings = { broken: 0, cut: 0, unanswered: 0, closed: 0 };
  answers = 0;
  /** By status and length. */
  private readonly counts = new Map<string, number>();
  private answersBefore = 0;

  client(client: Inside): void {
    const connection = new WatchedConnection(client, this.endings);
    let length = 0;
    client.on('headers', () => {
      length = 0;
      // in place of its own, which makes a string of every body: slow for large ones, and wrong about the length of binary ones
      client.parser[client.parser.constructor.kOnBody] = (_chunk, _start, count) => {
        length += count;
      };
    });
    client.on('response', status => {
      this.latency.record((performance.now() - connection.answered()) * 1000);
      this.answered(status, length);
    });
  }

  second(): [number, number] {
    const answers = this.answers - this.answersBefore;
    this.answersBefore = this.answers;
    this.perSecond.push(answers);
    return [this.perSecond.length, answers];
  }

  statuses(): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const { status, count } of this.allLengths()) sums[status] = (sums[status] ?? 0) + count;
    return sums;
  }

  /** The most frequent first. */
  lengths(): LengthCount[] {
    return this.allLengths()
      .sort((a, b) => b.count - a.count)
      .slice(0, mostLengths);
  }

  private answered(status: number, length: number): void {
    this.answers += 1;
    const key = `${status} ${length}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  private allLengths(): LengthCount[] {
    return [...this.counts].map(([key, count]) => {
      const [status, length] = key.split(' ').map(Number) as [number, number];
      return { status, length, count };
    });
  }
}
