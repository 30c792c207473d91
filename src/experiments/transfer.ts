import { sizeText } from '../tools/words.js';
import type { EndReport, TransferReport } from '../transfer/report.js';
import { diskReadsOf } from './machine.js';
import {
  ExperimentError,
  endWithin,
  failureOf,
  kill,
  lastWords,
  listeningPort,
  type Program,
  portSaidBy,
  startZerocopy,
} from './program.js';
import type { SourceFile } from './workplace.js';

/** Where the far end leaves the bytes. */
export type Target =
  | { readonly kind: 'discard' | 'memory' }
  | {
      readonly kind: 'store';
      /** A name in the folder that the transfer runs in. */
      readonly name: string;
      /** splice; else read and write. */
      readonly zeroCopy: boolean;
      /** O_DIRECT. */
      readonly direct: boolean;
    };

/** One transfer over the loopback, from a `zerocopy send` to a `zerocopy receive`. */
export interface TransferSettings {
  /** The folder for `spawn`; names are relative to it. */
  readonly cwd: string;
  readonly file: Pick<SourceFile, 'name' | 'size'>;
  /** To send: fewer than the file has, or more where the offset is fixed. */
  readonly bytes: number;
  /** sendfile; else read and write. */
  readonly zeroCopy: boolean;
  readonly fixedOffset: boolean;
  readonly blockSize: number;
  readonly streams: number;
  /** The file's pages are dropped from the page cache first. */
  readonly cold: boolean;
  /** Seconds of an interval. */
  readonly interval: number;
  readonly target: Target;
}

export interface Transfer {
  readonly sender: EndReport;
  readonly receiver: EndReport;
  /** As they were typed: the receiver's, the sender's. */
  readonly commands: readonly string[];
  /** Bytes that the sender has had read from disks, rather than from the page cache. */
  readonly fromDisk: number;
  /** When the receiver had ended: ms on the clock of performance.now(). */
  readonly endedAt: number;
}

/** A transfer that an end, or both, gave up. */
export class TransferFailed extends ExperimentError {
  /** @param sender what it said, '' where it ended well; `receiver` likewise */
  constructor(
    command: string,
    readonly sender: string,
    readonly receiver: string,
  ) {
    const ends = [receiver && `receiver: ${receiver}`, sender && `sender: ${sender}`];
    super(`${command} failed: ${ends.filter(text => text !== '').join('; ')}`);
  }
}

/** How long a transfer may take: what a slow disk needs for it, and something for the start. */
function timeLimit(bytes: number): number {
  return 120_000 + bytes / 20_000;
}

/** So long the other end may take to notice that its peer has failed. */
const grace = 5000;

/**
 * Runs a transfer.
 * @throws ExperimentError where an end fails, is late, or counts other bytes than it was to move; both have ended then
 */
export async function runTransfer(settings: TransferSettings): Promise<Transfer> {
  const receiver = startZerocopy(receiverArgs(settings), settings.cwd);
  const sender = await startSender(settings, receiver);
  const reads = new DiskReads(sender);
  try {
    await bothEnd(sender, receiver, timeLimit(settings.bytes));
  } finally {
    reads.stop();
  }
  const endedAt = performance.now();
  const transfer = {
    sender: reportOf(sender, 'sender'),
    receiver: reportOf(receiver, 'receiver'),
    commands: [receiver.command, sender.command],
    fromDisk: reads.most,
    endedAt,
  };
  for (const { role, bytes } of [transfer.sender, transfer.receiver]) {
    if (bytes === settings.bytes) continue;
    throw new ExperimentError(`${role}: ${bytes} bytes instead of ${settings.bytes} (${sender.command})`);
  }
  return transfer;
}

/** ms */
const lookPeriod = 50;

/** What a program has read from disks: it is gone before one could ask at the end, so it is asked now and then. */
class DiskReads {
  /** Bytes, as far as it was seen. */
  most = 0;
  private readonly timer = setInterval(() => this.look(), lookPeriod);

  constructor(private readonly program: Program) {
    // its report is the last thing that it says
    program.child.stdout?.on('data', () => this.look());
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const { pid } = this.program.child;
    if (pid !== undefined) this.most = Math.max(this.most, diskReadsOf(pid));
  }
}

async function startSender(settings: TransferSettings, receiver: Program): Promise<Program> {
  const port = await listeningPort(receiver, portSaidBy);
  return startZerocopy(senderArgs(settings, `127.0.0.1:${port}`), settings.cwd);
}

/** Waits for both; where one fails, the other one has a moment to say why. */
async function bothEnd(sender: Program, receiver: Program, limit: number): Promise<void> {
  const deadline = performance.now() + limit;
  const first = await Promise.race([endWithin(sender, limit), endWithin(receiver, limit)]);
  const rest = first === 0 ? deadline - performance.now() : grace;
  const codes = await Promise.all([endWithin(sender, rest), endWithin(receiver, rest)]);
  const [sent, received] = codes;
  if (sent === 0 && received === 0) return;
  await Promise.all([kill(sender), kill(receiver)]);
  const [ofSender, ofReceiver] = [reason(sender, sent), reason(receiver, received)];
  throw new TransferFailed(sender.command, ofSender, ofReceiver);
}

/** '' for an end that has ended well. */
function reason(program: Program, code: number | 'late'): string {
  if (code === 0) return '';
  // lines before the last one say what it did until then
  const words = lastWords(program.errors.text, 1);
  if (code === 'late') return words || 'took too long';
  return words || failureOf(program, code).message;
}

/** A disk may take minutes for what the page cache has taken, and nobody says a word meanwhile. Seconds. */
const patience = ['--timeout', '600'];

function receiverArgs({ blockSize, interval, target }: TransferSettings): string[] {
  const common = [
    '--listen',
    '127.0.0.1:0',
    '--once',
    '--block-size',
    sizeText(blockSize),
    '--interval',
    String(interval),
  ];
  return ['receive', ...common, ...targetArgs(target), '--json'];
}

function targetArgs(target: Target): string[] {
  if (target.kind !== 'store') return [`--${target.kind}`];
  const way = target.zeroCopy ? '--zero-copy' : '--no-zero-copy';
  // with --fsync, as what is not on the disk is not stored
  return ['--output', target.name, '--overwrite', way, ...(target.direct ? ['--direct'] : []), '--fsync', ...patience];
}

function senderArgs(settings: TransferSettings, endpoint: string): string[] {
  const { file, bytes, zeroCopy, fixedOffset, blockSize, streams, cold, interval, target } = settings;
  return [
    ...['send', file.name, endpoint, zeroCopy ? '--zero-copy' : '--no-zero-copy'],
    ...(fixedOffset ? ['--fixed-offset'] : []),
    ...(bytes === file.size ? [] : ['--size', sizeText(bytes)]),
    ...['--block-size', sizeText(blockSize), '--streams', String(streams)],
    ...(cold ? ['--cold'] : []),
    ...(target.kind === 'store' ? patience : []),
    // hashing is no part of what the paper measured
    ...['--checksum', 'none', '--interval', String(interval), '--json'],
  ];
}

/** An end's own figures in what it printed: they are measured there, the other end's may have been told. */
function reportOf(program: Program, end: keyof TransferReport): EndReport {
  const text = program.output.text.trim();
  try {
    const report = (JSON.parse(text) as TransferReport)[end];
    if (report !== undefined) return report;
  } catch {
    // said below
  }
  throw new ExperimentError(
    `${program.command}: printed no report of the ${end}: ${text.slice(0, 200) || '(nothing)'}`,
  );
}
