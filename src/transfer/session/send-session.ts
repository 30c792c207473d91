import { close } from '../../../native/file.js';
import { SocketAddress } from '../../../native/sockaddr.js';
import { getPeerName } from '../../../native/socket.js';
import type { EventLoop } from '../../event/loop.js';
import type { Algorithm } from '../checksum.js';
import { connectTo, endpointText } from '../connect.js';
import type { SendingPlane } from '../data-plane.js';
import type { Display } from '../display.js';
import { TransferError } from '../failure.js';
import type { EndFigures } from '../meter.js';
import type { Go, ReceiverMessage, Welcome } from '../protocol.js';
import type { Range } from '../ranges.js';
import type { EndReport, FileReport, TransferReport } from '../report.js';
import { greet } from './greeting.js';
import { readReceiverMessage } from './messages.js';
import { Outgoing } from './outgoing.js';
import { differing } from './parts.js';
import { makeSendingPlane } from './planes.js';
import { reportToSend } from './report-fields.js';
import { Session } from './session.js';
import { type SendSettings, sendSettingsForReport } from './settings.js';
import { watchPeer } from './socket-options.js';

interface Overview {
  /** Of all files. */
  readonly bytes: number;
  /** What is sent is all of each file, and nothing else. */
  readonly isCopy: boolean;
}

/** The sender's end of a session: connects to a receiver, and sends it files. */
export class SendSession {
  private session: Session<ReceiverMessage> | null = null;
  private present: Outgoing | null = null;
  private figures: EndFigures | null = null;
  private readonly files: FileReport[] = [];

  constructor(
    private readonly loop: EventLoop,
    private readonly settings: SendSettings,
    private readonly display: Display,
  ) {}

  /**
   * @returns both ends' reports, or this one's where the other's did not come any more
   * @throws what ended the session
   */
  async run(): Promise<TransferReport> {
    const files = this.look();
    const { session, plane } = await this.connect();
    this.session = session;
    let stores = false;
    try {
      const welcome = await this.agree(session, plane, files);
      ({ stores } = welcome);
      for (const [index, path] of this.settings.files.entries())
        await this.sendFile(index, path, session, plane, welcome);
      return await this.exchangeReports(session, plane, welcome);
    } catch (error) {
      session.breakOff(error);
      if (stores && session.meter.bytes > 0 && isOvercome(session.reason)) {
        this.display.note('what has arrived of the file is kept: with --resume, zerocopy send goes on from there');
      }
      throw session.reason;
    } finally {
      await this.present?.close();
      this.display.end(this.figures?.intervals);
      await session.close();
    }
  }

  /**
   * Ends it from outside.
   * @returns false where there is nothing to end yet
   */
  stop(reason: TransferError): boolean {
    this.session?.breakOff(reason);
    return this.session !== null;
  }

  /** Looks at all files before anything is sent. @throws TransferError (kind source) */
  private look(): Overview {
    const settings = { ...this.settings, cold: false };
    let bytes = 0;
    let isCopy = true;
    for (const [index, path] of settings.files.entries()) {
      const file = Outgoing.open(this.loop, index, path, settings);
      bytes += file.size;
      if (!file.isCopy) isCopy = false;
      void file.close();
    }
    return { bytes, isCopy };
  }

  private async connect(): Promise<{ session: Session<ReceiverMessage>; plane: SendingPlane }> {
    const { loop, settings, display } = this;
    const { host, port, timeout } = settings;
    const hint = 'is "zerocopy receive" running there?';
    const fd = await connectTo(loop, host, port, timeout, socket => watchPeer(socket, timeout), hint);
    const peer = endpointText(host, port);
    try {
      await greet(loop, fd, '', peer);
    } catch (error) {
      close(fd);
      throw error;
    }
    const session = new Session(loop, fd, 'the receiver', peer, readReceiverMessage, { ...settings, display });
    const address = new SocketAddress();
    getPeerName(fd, address);
    return { session, plane: makeSendingPlane(session, settings, address) };
  }

  /** Says what is to come, and opens the way for it. */
  private async agree(
    session: Session<ReceiverMessage>,
    plane: SendingPlane,
    { bytes, isCopy }: Overview,
  ): Promise<Welcome> {
    const { transport, streams, files, checksum, resume } = this.settings;
    session.own(() => plane.close());
    session.channel.say({
      is: 'hello',
      transport,
      streams,
      files: files.length,
      bytes,
      checksum,
      resume,
      isCopy,
      plane: plane.details,
    });
    const welcome = await session.expect('welcome');
    if (checksum !== 'default' && welcome.checksum !== checksum) throw misbehaved('it wants another checksum');
    await session.guard(plane.open(welcome.token, welcome.plane));
    return welcome;
  }

  private async sendFile(
    index: number,
    path: string,
    session: Session<ReceiverMessage>,
    plane: SendingPlane,
    { checksum: algorithm }: Welcome,
  ): Promise<void> {
    const file = Outgoing.open(this.loop, index, path, this.settings);
    this.present = file;
    const { name, size, version } = file;
    session.channel.say({ is: 'offer', file: index, name, size, version });
    const go = await this.settle(file, session);
    let sum = '';
    if (go === null) file.resumedFrom = size;
    else {
      await this.transmit(file, go, session, plane, algorithm);
      sum = await this.confirm(file, session, algorithm);
    }
    const checksum = algorithm === 'none' || sum === '' ? undefined : { algorithm, value: sum };
    this.files.push({ name, size, resumedFrom: file.resumedFrom, ...(checksum === undefined ? {} : { checksum }) });
    this.present = null;
    await file.close();
  }

  /** Looks at what the receiver has of the file. Gives what is to be sent; null where it has all of it. */
  private async settle(file: Outgoing, session: Session<ReceiverMessage>): Promise<Go | null> {
    // what a complete file has, and what an earlier try has left
    for (let round = 0; round < 2; round++) {
      const message = await session.expect('have', 'go', 'stored');
      if (message.is === 'stored') return null;
      if (message.is === 'go') return message;
      if (message.parts.some(({ end }) => end > file.size)) throw misbehaved('it has more of the file than there is');
      session.show(`checking ${file.name}`, bytesOf(message.parts), 0);
      const wrong = await differing(session, file.fd, message.algorithm, message.parts);
      session.channel.say({ is: 'wrong', file: file.index, ranges: wrong });
    }
    const message = await session.expect('go', 'stored');
    return message.is === 'go' ? message : null;
  }

  /** Sends what is missing of the file, and what gets lost on the way, until the receiver has all of it (or as much as it wants). */
  private async transmit(
    file: Outgoing,
    first: Go,
    session: Session<ReceiverMessage>,
    plane: SendingPlane,
    algorithm: Algorithm | 'none',
  ): Promise<void> {
    file.resumedFrom = file.size - bytesOf(first.missing);
    file.begin(algorithm);
    session.show(file.name, file.size, file.resumedFrom);
    for (let go: Go | null = first; go !== null; ) {
      if ((go.missing.at(-1)?.end ?? 0) > file.size) throw misbehaved('it wants more of the file than there is');
      session.expectBytes(go.missing.length > 0);
      const details = await session.guard(plane.send(file, go.missing));
      session.expectBytes(false);
      file.checkUnchanged();
      if (file.index === this.settings.files.length - 1) this.figures = session.figures(plane.calls);
      session.channel.say({ is: 'sent', file: file.index, plane: details });
      const answer: Go | { is: 'whole' | 'stored' } = await session.expect(
        algorithm === 'none' ? 'stored' : 'whole',
        'go',
      );
      go = answer.is === 'go' ? (answer as Go) : null;
    }
  }

  /** Has the receiver compare the checksums; it has stored the file when this is done. */
  private async confirm(
    file: Outgoing,
    session: Session<ReceiverMessage>,
    algorithm: Algorithm | 'none',
  ): Promise<string> {
    if (algorithm === 'none') return '';
    const checksum = await session.guard(file.sum());
    session.channel.say({ is: 'sum', file: file.index, checksum });
    await session.expect('stored');
    return checksum;
  }

  private async exchangeReports(
    session: Session<ReceiverMessage>,
    plane: SendingPlane,
    { checksum }: Welcome,
  ): Promise<TransferReport> {
    const { settings, files } = this;
    const own: EndReport = {
      ...(this.figures ?? session.figures(plane.calls)),
      role: 'send',
      transport: settings.transport,
      path: plane.path,
      settings: sendSettingsForReport(settings, checksum),
      softErrors: plane.softErrors + session.channel.softErrors,
      files,
      ...(plane.udp === undefined ? {} : { udp: plane.udp }),
    };
    // the receiver has every file: what is lost now is no failure
    try {
      session.channel.say({ is: 'report', report: reportToSend(own) });
      const { report } = await session.expect('report');
      return { sender: own, receiver: { ...report, files } };
    } catch {
      return { sender: own };
    }
  }
}

function bytesOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

function misbehaved(how: string): TransferError {
  return new TransferError(`the receiver does not keep to the protocol: ${how}`, 'peer');
}

/** Whether another try can do better: a file that has changed is sent anew, and what was refused is refused again. */
function isOvercome(reason: unknown): boolean {
  return reason instanceof TransferError && reason.kind !== 'source' && reason.kind !== 'refused';
}
