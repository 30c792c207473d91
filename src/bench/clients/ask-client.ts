/**
 * Asks a server for the same things again and again over many connections, and checks every answer. What it does a request is
 * one send and one recv, with large bodies dropped in the kernel (MSG_TRUNC, tcp(7)), so that it is rarely what is measured.
 * Argument: AskSettings as JSON. Prints an AskResult as JSON.
 */
import { MemoryBlock } from '../../../native/memory.js';
import { SocketAddress } from '../../../native/sockaddr.js';
import { EventLoop } from '../../event/loop.js';
import { Timer } from '../../event/timers.js';
import { DiscardSink } from '../../transfer/paths/dropping-sinks.js';
import { Histogram } from '../histogram.js';
import { HeadShape } from './answer.js';
import type { Ask, AskResult, AskSettings } from './ask.js';
import { AskConnection, type Asker } from './ask-connection.js';
import { type Channels, PlainChannel } from './channel.js';
import { TlsChannels } from './tls-channel.js';

/** How much longer than it was told to it waits for its first answer (ms): on a busy machine a short load is over before its handshakes are. */
const patience = 10_000;

/** The share of the time that is the lead-in, and its most seconds. */
const leadIn = { share: 0.25, most: 0.5 };

class AskClient implements Asker {
  readonly loop = new EventLoop(error => this.failed(`met a mistake of the client: ${String(error)}`));
  readonly block = new MemoryBlock(16 * 1024);
  readonly isKept: boolean;
  readonly asks: readonly Ask[];
  readonly shapes: readonly HeadShape[];
  private connections: AskConnection[] = [];
  private readonly latency = new Histogram();
  private readonly begun = performance.now();
  private readonly cpu = process.cpuUsage();
  private asked = 0;
  private requests = 0;
  private bytes = 0;
  private samples = 0;
  private isLate = false;
  private isOver = false;
  /** When the lead-in was over, and how many requests had been answered. */
  private lead = { at: this.begun, requests: 0 };

  /** @param channels made before the time begins: OpenSSL takes a while to load */
  constructor(
    private readonly settings: AskSettings,
    readonly channels: Channels,
  ) {
    this.asks = settings.asks;
    this.shapes = settings.asks.map(() => new HeadShape());
    const { secured } = settings;
    this.isKept = secured === undefined || secured.connections === 'kept';
  }

  start(): void {
    const { port, connections, seconds } = this.settings;
    const address = new SocketAddress().setInternet('127.0.0.1', port);
    this.loop.setTimer(new Timer({ onTimer: () => this.timeIsOver() }), seconds * 1000);
    if (this.settings.times === 0) {
      const endOfLead = new Timer({ onTimer: () => this.endLead() });
      this.loop.setTimer(endOfLead, Math.min(seconds * leadIn.share, leadIn.most) * 1000);
    }
    this.connections = Array.from({ length: connections }, (_, nth) => {
      return new AskConnection(this, address, nth % this.asks.length);
    });
    this.loop.start();
  }

  next(): 'none' | 'plain' | 'sample' {
    const { times, sampleEvery } = this.settings;
    if (this.isOver || (times > 0 && this.asked === times)) return 'none';
    this.asked += 1;
    return this.asked % sampleEvery === 0 ? 'sample' : 'plain';
  }

  answered({ length }: Ask, milliseconds: number, isSample: boolean): void {
    if (this.isOver) return;
    this.requests += 1;
    this.bytes += length;
    if (isSample) this.samples += 1;
    this.latency.record(milliseconds * 1000);
    if (this.isLate || this.requests === this.settings.times) this.end();
  }

  failed(problem: string): void {
    this.end(problem);
  }

  private timeIsOver(): void {
    if (this.requests > 0) {
      this.end();
      return;
    }
    this.isLate = true;
    this.loop.setTimer(new Timer({ onTimer: () => this.end() }), patience);
  }

  private endLead(): void {
    this.lead = { at: performance.now(), requests: this.requests };
  }

  private end(problem?: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.loop.stop();
    const { requests, bytes, samples } = this;
    const now = performance.now();
    const seconds = (now - this.begun) / 1000;
    const { user, system } = process.cpuUsage(this.cpu);
    const result: AskResult = {
      ...{ requests, bytes, samples, seconds, latency: this.latency.toJSON() },
      rate: ((requests - this.lead.requests) * 1000) / (now - this.lead.at),
      clientLoad: (user + system) / 1e6 / seconds,
      ...(problem !== undefined && { problem }),
    };
    for (const connection of this.connections) connection.close();
    process.stdout.write(JSON.stringify(result), () => process.exit());
  }
}

function channelsOf({ secured }: AskSettings): Channels {
  if (secured !== undefined) return new TlsChannels(secured);
  const sink = new DiscardSink(() => {});
  return { over: fd => new PlainChannel(fd, sink) };
}

const settings = JSON.parse(process.argv[2]!) as AskSettings;
new AskClient(settings, channelsOf(settings)).start();
