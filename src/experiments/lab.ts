import { sizeText } from '../tools/words.js';
import { intervalFor } from './intervals.js';
import { memoryOf } from './machine.js';
import { ExperimentError } from './program.js';
import { settle } from './settle.js';
import { runTransfer, type Target, type Transfer, type TransferSettings } from './transfer.js';
import { roughSize } from './units.js';
import { isOnDisk, type RoomOf, roomOf, type SourceFile, type Workplace } from './workplace.js';

/** What the user chose. */
export interface LabSettings {
  /** Bytes of the file that an experiment sends. */
  readonly size: number;
  /** Bytes of the larger one, for the experiments that the paper has done with ten times as much. */
  readonly largeSize: number;
  readonly runs: number;
  readonly blockSize: number;
  readonly cold: boolean;
  /** Measure the loop in C in the same rounds, where there is a compiler. */
  readonly cLoop: boolean;
}

/** What is sent, and whether it can be stored. */
export interface Plan {
  readonly file: SourceFile;
  /** To send; the file may have more. */
  readonly bytes: number;
  readonly stores: boolean;
  /** What of it does not fit, and what follows from that. */
  readonly notes: readonly string[];
}

/** One of the ways that are compared, and what its runs gave. */
export class Way<T> {
  readonly results: T[] = [];

  constructor(
    readonly label: string,
    private readonly measure: () => Promise<T>,
  ) {}

  async run(): Promise<void> {
    this.results.push(await this.measure());
  }
}

/** What a transfer needs to be told of beside what the user chose. */
export interface TransferChoice
  extends Pick<TransferSettings, 'zeroCopy'>,
    Partial<Pick<TransferSettings, 'fixedOffset' | 'blockSize' | 'streams' | 'interval' | 'bytes'>> {
  readonly target?: Target;
}

/** Told of what is done. */
export type Progress = (text: string) => void;

/** The disk is not filled up to its last block. */
function margin(room: number): number {
  return Math.min(2 ** 30, room / 20);
}

/** Memory that is left for the programs. */
const memoryMargin = 2 ** 30;

/** What is stored is cut in steps of it, so that blocks are whole. */
const step = 4 * 2 ** 20;

/** The name of the file that a receiver stores. */
const stored = 'stored.data';

/**
 * Where one experiment runs: it makes the file, keeps the page cache as it is to be, runs transfers one at a time, and
 * notes the command lines.
 */
export class Lab {
  private readonly typed: string[] = [];
  /** Of each transfer, what had to be read from a disk. */
  private readonly shares: number[] = [];
  private isSparse = false;

  /** @param room what the disk has left; tests have smaller disks */
  constructor(
    readonly settings: LabSettings,
    readonly place: Workplace,
    readonly progress: Progress,
    private readonly room: RoomOf = roomOf,
  ) {}

  /** The command lines so far, each once; the port is what the kernel gave. */
  get commands(): string[] {
    return [...new Set(this.typed)];
  }

  /** Notes a command line; ports differ, and make no other command. */
  note(...commands: readonly string[]): void {
    this.typed.push(...commands.map(each => each.replace(/ 127\.0\.0\.1:\d+/, ' 127.0.0.1:PORT')));
  }

  /**
   * The file to send: with content if there is room for it (and for what is to be stored), else a sparse one, which is not
   * stored but only sent.
   * @param stores the receiver is to write it
   */
  async plan(bytes: number, stores: boolean): Promise<Plan> {
    const { place } = this;
    const room = this.room(place.path);
    const need = Math.max(0, bytes - place.size) + (stores ? bytes : 0);
    if (need > room - margin(room)) {
      const what = stores ? `${sizeText(bytes)} to send and as much to store` : `${sizeText(bytes)} to send`;
      const note = `${what} do not fit the disk (${roughSize(room)} left): sent from a sparse file${stores ? ' into memory only, and not stored' : ''}. Nothing is read from a disk: the kernel makes pages of zeros.`;
      this.isSparse = true;
      return { file: place.sparse(bytes), bytes, stores: false, notes: [note] };
    }
    // a file of which only a part is sent is not stored: it would be no copy of it
    const file = await place.random(bytes, stores, percent => {
      this.progress(`making the file, ${sizeText(bytes)}: ${percent} %`);
    });
    return { file, bytes, stores, notes: [...this.diskNotes(stores), ...this.memoryNotes(bytes, stores)] };
  }

  /**
   * The most that can be stored: so many bytes, or as many as the disk has room for.
   * @param withSource the file that is sent is to be there as well
   * @throws ExperimentError where there is no room at all
   */
  fitting(bytes: number, withSource: boolean): number {
    const { path, size } = this.place;
    const room = this.room(path);
    const free = room - margin(room);
    // what the source has already needs no more room
    const most = withSource && free > size ? (free + size) / 2 : free;
    if (bytes <= most) return bytes;
    const blocks = Math.floor(most / step);
    if (blocks < 1) throw new ExperimentError(`no room to store anything: ${roughSize(room)} left; give another --dir`);
    return blocks * step;
  }

  private diskNotes(stores: boolean): string[] {
    const { type } = this.place.fileSystem;
    if (!stores || isOnDisk(type)) return [];
    return [`What is stored stays in memory, for the folder is on ${type}: give a --dir on a disk.`];
  }

  private memoryNotes(bytes: number, stores: boolean): string[] {
    const free = memoryOf('MemAvailable') - memoryMargin;
    const need = bytes * (stores ? 2 : 1);
    if (this.settings.cold || need <= free) return [];
    const what = stores ? 'What is sent and what is stored' : 'The file';
    return [
      `${what} (${roughSize(need)}) do not fit the memory that is free (${roughSize(Math.max(0, free))}): the page cache holds a part, and the rest comes from the disk each time.`,
    ];
  }

  /** Has the file in the page cache, as far as it fits; --cold leaves that to the sender, which drops it. */
  async prepare({ file, bytes }: Plan): Promise<void> {
    await settle();
    if (file.sparse || this.settings.cold) return;
    this.progress('reading the file into the page cache');
    await this.place.warm(file, bytes);
  }

  /** @throws ExperimentError */
  async transfer({ file, bytes: planned }: Plan, choice: TransferChoice): Promise<Transfer> {
    const { settings, place } = this;
    const { bytes = planned, target = { kind: 'discard' } } = choice;
    const transfer = await runTransfer({
      ...{ fixedOffset: false, streams: 1, blockSize: settings.blockSize, interval: intervalFor(bytes) },
      ...choice,
      ...{ cwd: place.cwd, file, bytes, cold: settings.cold && !file.sparse, target },
    });
    this.note(...transfer.commands);
    this.shares.push(transfer.fromDisk / bytes);
    return transfer;
  }

  /** A transfer that is stored, on a quiet disk; what it stored is removed. @throws ExperimentError */
  async store(plan: Plan, choice: TransferChoice, way: { zeroCopy: boolean; direct: boolean }): Promise<Transfer> {
    await this.prepare(plan);
    try {
      return await this.transfer(plan, { ...choice, target: { kind: 'store', name: stored, ...way } });
    } finally {
      this.removeStored();
    }
  }

  /** The final name, and what a transfer that failed has left under its temporary one. */
  private removeStored(): void {
    for (const name of this.place.names()) if (name.includes(stored)) this.place.removeFile(name);
  }

  /**
   * Runs each way once a round, so that what else the machine does meets them alike. Whoever comes first in one round comes
   * last in the next.
   * @param before each of the runs
   */
  async rounds(ways: readonly Pick<Way<unknown>, 'label' | 'run'>[], before?: () => Promise<void>): Promise<void> {
    const { runs } = this.settings;
    for (let round = 1; round <= runs; round++) {
      const order = round % 2 === 1 ? ways : [...ways].reverse();
      for (const [index, way] of order.entries()) {
        await before?.();
        this.progress(`run ${round} of ${runs}, ${index + 1} of ${ways.length}: ${way.label}`);
        await way.run();
      }
    }
  }

  /** What the page cache was like, measured: how much of what was sent the disks had to give. */
  get cacheState(): string {
    if (this.shares.length === 0) return 'nothing is read';
    if (this.isSparse) return 'of no matter: the file is sparse, and the kernel makes pages of zeros';
    const percent = (share: number) => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
    const [least, most] = [Math.min(...this.shares), Math.max(...this.shares)];
    const kept = this.settings.cold
      ? "cold: the file's pages are dropped before each run"
      : 'warm: the file is read once before';
    return `${kept}; the disks gave ${percent(least)} to ${percent(most)} of what was sent`;
  }
}
