import type { Ask } from './clients/ask.js';
import type { PeerKind } from './peers/peer.js';
import { RunningPeer } from './peers/running.js';
import { checkAll } from './workloads/load.js';
import { type Plan, type Sample, type Turn, type Workload, WrongAnswer } from './workloads/workload.js';
import { fileSizes, type Workplace } from './workplace.js';

/** The comparison: servers in turn, round by round, so that what else the machine does meets them alike. */

/** A server that is installed. */
export interface Candidate {
  readonly kind: PeerKind;
  readonly program: string;
}

/** What a server did in one workload. */
export interface Entry {
  readonly peer: string;
  readonly samples: Sample[];
  /** Why it is not ranked. */
  failure?: string;
}

/** What came of one workload. */
export interface Outcome {
  readonly workload: Workload;
  readonly entries: Entry[];
  /** Why nobody was measured. */
  skipped?: string;
}

export interface ComparisonSettings {
  readonly candidates: readonly Candidate[];
  readonly workloads: readonly Workload[];
  readonly plan: Plan;
  /** The program of wrk, where it is to measure too. */
  readonly wrk?: string;
}

/** Told of what is done. @param step what a plain log has a line for; @param detail what changes more often */
export type ProgressReport = (step: string, detail: string) => void;

/** A server that takes part in a workload. */
interface Contestant {
  readonly entry: Entry;
  readonly peer: RunningPeer;
  /** Known once it runs: a server is asked with the validators that it has given. */
  asks: readonly Ask[];
}

export class Comparison {
  /** One for each workload that was begun. */
  readonly outcomes: Outcome[] = [];

  constructor(
    private readonly settings: ComparisonSettings,
    private readonly place: Workplace,
    private readonly progress: ProgressReport,
    private readonly signal: AbortSignal,
  ) {}

  /** Runs all of it, or until the signal is aborted; the outcomes hold what was measured until then. */
  async run(): Promise<void> {
    for (const workload of this.settings.workloads) {
      if (this.signal.aborted) return;
      const outcome: Outcome = { workload, entries: [] };
      this.outcomes.push(outcome);
      try {
        this.progress(workload.name, 'writing its files');
        for (const name of ['1k.bin', ...workload.files] as const) await this.place.make(name, this.signal);
        await this.runWorkload(outcome);
      } catch (error) {
        if (!this.signal.aborted) outcome.skipped = (error as Error).message;
      }
    }
  }

  private async runWorkload(outcome: Outcome): Promise<void> {
    const { entries, workload } = outcome;
    const able = this.settings.candidates.filter(({ kind }) => workload.secured === undefined || kind.canSecure);
    entries.push(...able.map(({ kind }): Entry => ({ peer: kind.name, samples: [] })));
    const rounds = workload.rounds(this.settings.plan);
    if (!workload.startsAnew) {
      await this.runRounds(outcome, able, 1, rounds);
      return;
    }
    for (let round = 1; round <= rounds && !this.signal.aborted; round++) {
      await this.runRounds(outcome, able, round, round);
    }
  }

  /** Some rounds with the same servers, which are started for them. */
  private async runRounds(
    outcome: Outcome,
    candidates: readonly Candidate[],
    first: number,
    last: number,
  ): Promise<void> {
    const { workload } = outcome;
    const contestants = await this.startAll(outcome, candidates, first);
    try {
      await this.inTurn(contestants, outcome, 'check', contestant => this.prepare(contestant, workload));
      const rounds = workload.rounds(this.settings.plan);
      for (let round = first; round <= last && !this.signal.aborted; round++) {
        const order = round % 2 === 1 ? contestants : [...contestants].reverse();
        await this.inTurn(order, outcome, `round ${round} of ${rounds}`, async contestant => {
          contestant.entry.samples.push(await workload.measure(this.turnOf(contestant, workload)));
        });
      }
    } finally {
      await Promise.all(contestants.map(({ peer }) => peer.stop()));
    }
  }

  /** All servers that have not failed, new ones: what they hold in memory is then of this workload alone. */
  private async startAll(
    { workload, entries }: Outcome,
    candidates: readonly Candidate[],
    round: number,
  ): Promise<Contestant[]> {
    this.progress(workload.name, 'starting the servers');
    const { folder, root } = this.place;
    const pair = workload.secured && { pair: this.place.pair };
    const place = { folder, root, sign: { name: '1k.bin', size: fileSizes['1k.bin'] }, ...pair };
    const started = candidates.map(async ({ kind, program }, at): Promise<Contestant | undefined> => {
      const entry = entries[at]!;
      if (entry.failure !== undefined) return undefined;
      try {
        const peer = await RunningPeer.start(kind, program, `${workload.name}-${kind.name}-${round}`, place);
        return { entry, peer, asks: [] };
      } catch (error) {
        entry.failure = (error as Error).message;
        return undefined;
      }
    });
    return (await Promise.all(started)).filter(each => each !== undefined);
  }

  /** Looks at every answer once, with its checksum, and then warms the server up. */
  private async prepare(contestant: Contestant, workload: Workload): Promise<void> {
    contestant.asks = await workload.asks(contestant.peer, this.place);
    const turn = this.turnOf(contestant, workload);
    await checkAll(turn);
    await workload.warmUp(turn);
  }

  private turnOf({ peer, asks }: Contestant, { secured }: Workload): Turn {
    const { plan, wrk } = this.settings;
    return { peer, asks, plan, signal: this.signal, ...(wrk !== undefined && { wrk }), ...(secured && { secured }) };
  }

  /** Lets each that has not failed do something, one after the other. Who fails is out, and the others go on. */
  private async inTurn(
    contestants: readonly Contestant[],
    { workload }: Outcome,
    step: string,
    act: (contestant: Contestant) => Promise<void>,
  ): Promise<void> {
    for (const contestant of contestants) {
      const { entry, peer } = contestant;
      if (this.signal.aborted) return;
      if (entry.failure !== undefined) continue;
      this.progress(`${workload.name}: ${step}`, entry.peer);
      try {
        await act(contestant);
      } catch (error) {
        if (this.signal.aborted) return;
        entry.failure = await reasonOf(error as Error, peer);
      }
    }
  }
}

/** What goes wrong when a server dies is told by the client as something else. */
async function reasonOf(error: Error, peer: RunningPeer): Promise<string> {
  if (!(await peer.endsSoon())) return error instanceof WrongAnswer ? `it ${error.message}` : error.message;
  const words = peer.lastWords();
  return `it ended in the middle of a measurement${words === '' ? '' : `: ${words}`}`;
}
