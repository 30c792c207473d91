import { randomBytes } from 'node:crypto';
import { close, O_RDONLY, openAt } from '../../../native/file.js';
import type { EventLoop } from '../../event/loop.js';
import { bytes, count } from '../../tools/words.js';
import type { Algorithm } from '../checksum.js';
import type { ReceivingPlane } from '../data-plane.js';
import type { Display } from '../display.js';
import { TransferError } from '../failure.js';
import type { EndFigures } from '../meter.js';
import { partNames } from '../part/names.js';
import { statusOf } from '../part/target.js';
import { PartFile } from '../part-file.js';
import { type Hello, mostMissing, type Offer, type SenderMessage } from '../protocol.js';
import type { Range } from '../ranges.js';
import type { EndReport, FileReport, TransferReport } from '../report.js';
import type { DatagramPort } from '../udp/datagram-port.js';
import { Arrival } from './arrival.js';
import { checkFileName } from './file-name.js';
import { readSenderMessage } from './messages.js';
import { cut, mostStretches, withChecksums } from './parts.js';
import { makeReceivingPlane } from './planes.js';
import { reportToSend } from './report-fields.js';
import { Session } from './session.js';
import { type ReceiveSettings, receiveSettingsForReport, stores } from './settings.js';

/** Rounds in which a sender is asked for bytes that were lost, and none of them comes. */
const mostVainRounds = 5;

/** The receiver's end of a session, from the hello to the last report. */
export class ReceiveSession {
  /** What data connections show to join it. */
  readonly token = randomBytes(16).toString('hex');
  private readonly session: Session<SenderMessage>;
  private plane: ReceivingPlane | null = null;
  private arrival: Arrival | null = null;
  private figures: EndFigures | null = null;
  private readonly files: FileReport[] = [];

  /**
   * @param fd a control connection whose greeting is over
   * @param datagrams where those of UDP come in
   */
  constructor(
    private readonly loop: EventLoop,
    fd: number,
    readonly peer: string,
    private readonly settings: ReceiveSettings,
    private readonly datagrams: DatagramPort | null,
    private readonly display: Display,
  ) {
    this.session = new Session(loop, fd, 'the sender', peer, readSenderMessage, { ...settings, display });
  }

  /**
   * @returns both ends' reports, or this one's where the other's did not come any more
   * @throws what ended the session; what has come until then is kept
   */
  async run(): Promise<TransferReport> {
    const { session } = this;
    try {
      return await this.converse();
    } catch (error) {
      session.breakOff(error);
      throw session.reason;
    } finally {
      await this.abandon();
      this.display.end(this.figures?.intervals);
      await session.close();
    }
  }

  /** Ends it from outside. */
  stop(reason: TransferError): void {
    this.session.breakOff(reason);
  }

  /**
   * A connection has shown the token.
   * @returns why it is not wanted, or ''
   */
  join(fd: number): string {
    return this.plane?.join?.(fd) ?? 'the session expects no data connections';
  }

  private async converse(): Promise<TransferReport> {
    const { session, settings } = this;
    const hello = await session.expect('hello');
    this.check(hello);
    const what = hello.files === 1 ? 'a file' : `${count(hello.files)} files`;
    this.display.note(`zerocopy: ${this.peer} sends ${what}, ${bytes(hello.bytes)}`);
    const plane = makeReceivingPlane(session, settings, hello, this.datagrams);
    this.plane = plane;
    session.meter.datagrams = () => plane.udp;
    session.own(() => plane.close());
    const algorithm = hello.checksum !== 'default' ? hello.checksum : stores(settings) ? 'xxh64' : 'none';
    const details = plane.open(this.token, hello.plane);
    session.channel.say({
      is: 'welcome',
      token: this.token,
      stores: stores(settings),
      checksum: algorithm,
      plane: details,
    });
    for (let index = 0; index < hello.files; index++) await this.receiveFile(index, hello, algorithm, plane);
    return this.exchangeReports(hello, algorithm, plane);
  }

  /** @throws TransferError (kind refused) for what this receiver does not take */
  private check({ isCopy, files, checksum }: Hello): void {
    const { settings } = this;
    const refuse = (reason: string) => {
      throw new TransferError(reason, 'refused');
    };
    if (!isCopy && stores(settings)) {
      refuse(
        'what --size and --fixed-offset send is no copy of a file, and this receiver stores files: start one with --discard',
      );
    }
    if (settings.destination.is === 'file' && files !== 1) {
      refuse(`this receiver stores one file (--output), and ${files} were to come: start one with --dir`);
    }
    if (checksum !== 'default' && checksum !== 'none' && !stores(settings)) {
      refuse('this receiver keeps nothing that a checksum could be computed of: leave out --checksum');
    }
  }

  private async receiveFile(
    index: number,
    hello: Hello,
    algorithm: Algorithm | 'none',
    plane: ReceivingPlane,
  ): Promise<void> {
    const { session } = this;
    const offer = await session.expect('offer');
    if (offer.file !== index) {
      throw new TransferError('the sender does not keep to the protocol: it offers the files in another order', 'peer');
    }
    checkFileName(offer.name);
    const arrival = await this.openArrival(offer, hello, algorithm);
    if (arrival === null) {
      this.files.push({ name: offer.name, size: offer.size, resumedFrom: offer.size });
    } else {
      this.arrival = arrival;
      arrival.begin();
      await this.take(arrival, plane);
      if (this.settings.fsync) await session.guard(arrival.sync());
      if (index === hello.files - 1) this.figures = session.figures(plane.calls, plane.waited);
      const checksum = await this.finish(arrival, algorithm);
      const { name, size, resumedFrom } = arrival;
      this.files.push({ name, size, resumedFrom, ...(checksum === undefined ? {} : { checksum }) });
      this.arrival = null;
    }
    session.channel.say({ is: 'stored', file: index });
  }

  /** Null where the file is there already. */
  private async openArrival(offer: Offer, hello: Hello, algorithm: Algorithm | 'none'): Promise<Arrival | null> {
    const { destination, overwrite } = this.settings;
    if (destination.is === 'discard' || destination.is === 'memory') {
      return new Arrival(this.loop, offer, null, algorithm);
    }
    const target = destination.is === 'file' ? destination.path : `${destination.path}/${offer.name}`;
    // before anything else is done with such a name
    partNames(target);
    const forParts = algorithm === 'none' ? 'xxh64' : algorithm;
    if (hello.resume && (await this.isThere(offer, target, forParts))) return null;
    const identity = { size: offer.size, version: offer.version };
    const part = PartFile.open(target, { resume: hello.resume, overwrite, identity });
    const arrival = new Arrival(this.loop, offer, part, algorithm);
    this.arrival = arrival;
    if (part.restarted !== undefined) this.display.note(`"${offer.name}" begins anew: ${part.restarted}`);
    if (part.done.bytes > 0) await this.verify(part, offer, forParts);
    return arrival;
  }

  /** Whether the file has arrived already, as of a session whose last word was lost. */
  private async isThere(offer: Offer, target: string, algorithm: Algorithm): Promise<boolean> {
    const { size } = offer;
    const status = statusOf(target);
    if (status === undefined || !status.isFile() || Number(status.size) !== size) return false;
    if (size === 0) return true;
    const fd = openAt(target, O_RDONLY);
    if (fd < 0) return false;
    try {
      const wrong = await this.differing(offer, fd, [{ start: 0, end: size }], algorithm);
      return wrong.length === 0;
    } finally {
      close(fd);
    }
  }

  /** Has the sender look at what an earlier try has left, and forgets what is not the file's. */
  private async verify(part: PartFile, offer: Offer, algorithm: Algorithm): Promise<void> {
    const stretches = part.done.toArray().sort((a, b) => b.end - b.start - (a.end - a.start));
    for (const surplus of stretches.slice(mostStretches)) part.forget(surplus);
    for (const range of await this.differing(offer, part.fd, part.done.toArray(), algorithm)) {
      if (range.end > offer.size)
        throw new TransferError('the sender does not keep to the protocol: no such part', 'peer');
      part.forget(range);
    }
  }

  private async differing(
    offer: Offer,
    fd: number,
    ranges: readonly Range[],
    algorithm: Algorithm,
  ): Promise<readonly Range[]> {
    const { session } = this;
    const total = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
    session.show(`checking ${offer.name}`, total, 0);
    const parts = await withChecksums(session, fd, algorithm, cut(ranges));
    session.channel.say({ is: 'have', file: offer.file, algorithm, parts });
    return (await session.expect('wrong')).ranges;
  }

  /** Takes what is missing of a file; where bytes get lost on the way, again and again. */
  private async take(arrival: Arrival, plane: ReceivingPlane): Promise<void> {
    const { session } = this;
    session.show(arrival.name, arrival.size, arrival.resumedFrom);
    for (let vain = 0; vain < mostVainRounds; ) {
      const before = arrival.done.bytes;
      const missing = arrival.missing.slice(0, mostMissing);
      plane.begin(arrival);
      session.expectBytes(missing.length > 0);
      session.channel.say({ is: 'go', file: arrival.index, missing });
      const sent = await session.expect('sent');
      await session.guard(plane.finish(sent.plane));
      session.expectBytes(false);
      if (arrival.missing.length === 0 || !stores(this.settings)) return;
      vain = arrival.done.bytes === before ? vain + 1 : 0;
    }
    throw new TransferError(`nothing of "${arrival.name}" comes any more, ${mostVainRounds} times in a row`, 'network');
  }

  /** All bytes are there: are they the right ones? */
  private async finish(arrival: Arrival, algorithm: Algorithm | 'none'): Promise<FileReport['checksum']> {
    const { session, settings } = this;
    let checksum: FileReport['checksum'];
    if (algorithm !== 'none') {
      session.channel.say({ is: 'whole', file: arrival.index });
      const sum = await session.expect('sum');
      checksum = await session.guard(arrival.compare(sum.checksum));
    }
    arrival.commit(settings.fsync);
    return checksum;
  }

  private async exchangeReports(
    hello: Hello,
    algorithm: Algorithm | 'none',
    plane: ReceivingPlane,
  ): Promise<TransferReport> {
    const { session, settings } = this;
    const own: EndReport = {
      ...(this.figures ?? session.figures(plane.calls)),
      role: 'receive',
      transport: hello.transport,
      path: plane.path,
      settings: receiveSettingsForReport(settings, hello, algorithm),
      softErrors: plane.softErrors + session.channel.softErrors,
      files: this.files,
      ...(plane.udp === undefined ? {} : { udp: plane.udp }),
    };
    // every file is stored: what is lost now is no failure
    try {
      const { report } = await session.expect('report');
      session.channel.expectEnd();
      session.channel.say({ is: 'report', report: reportToSend(own) });
      await session.guard(session.channel.ended);
      return { sender: { ...report, files: this.files }, receiver: own };
    } catch {
      return { receiver: own };
    }
  }

  private async abandon(): Promise<void> {
    const { arrival } = this;
    if (arrival === null) return;
    const kept = await arrival.abandon();
    if (kept > 0)
      this.display.note(`${bytes(kept)} of "${arrival.name}" are kept: zerocopy send --resume goes on from there`);
  }
}
