/** Folds what repeats: thousands of calls become a few lines that say the same. */
import { isClientWrite, isFileRead, isWait } from './normalise.js';
import type { Folded, FoldedItem, FoldedRun, FoldedStep, Spread, Step } from './steps.js';

/** The longest pattern that is looked for, in steps. */
const longest = 8;

/** From this many on, episodes of a full socket are one item. */
const fewEpisodes = 3;

/** Up to this many different courses of an episode are told apart, each an item at the place where it is seen first. */
const fewShapes = 4;

/**
 * Folds the steps of a request (or of a whole trace), in time linear in their number.
 *
 * Offsets that go on where the last call ended are part of a pattern and no difference. Writes that a client did not take in
 * full, writes that found the socket full and waits stay what they are; where this comes again and again, what lies between
 * one full socket and the next is folded to one item with the least, the middle and the most of it.
 */
export function fold(steps: readonly Step[]): Folded {
  const keys = keysOf(steps);
  const full = fullSockets(steps);
  if (full.length < fewEpisodes) return { items: foldRange(steps, keys, 0, steps.length), steps: steps.length };
  const last = endOfTransfer(steps, full[full.length - 1]);
  return {
    items: [
      ...foldRange(steps, keys, 0, full[0]),
      ...foldEpisodes(steps, keys, full, last),
      ...foldRange(steps, keys, last, steps.length),
    ],
    steps: steps.length,
  };
}

/** Smallest, middle and largest of numbers (of an even count, the lower of the two in the middle). */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { min: sorted[0], median: sorted[(sorted.length - 1) >> 1], max: sorted[sorted.length - 1] };
}

/** What makes two steps the same for a pattern. */
function keysOf(steps: readonly Step[]): string[] {
  const ends = new Map<string, number>();
  return steps.map(step => {
    const { name, role, other = '', result, offset, size } = step;
    const isPartial = size !== undefined && result >= 0 && result < size && isClientWrite(step);
    const words = [name, role, other, step.gives ?? '', step.errno];
    if (isPartial) words.push('partial');
    else if (step.errno !== '') words.push('');
    else if (size !== undefined) words.push(`${step.parts?.join('+') ?? size} ${result}`);
    else words.push(`${step.flags?.join('|') ?? ''} ${step.value === 0 ? 0 : ''} ${result}`);
    for (const event of step.events ?? []) words.push(event.role, ...event.names);
    if (offset !== undefined && step.errno === '') {
      const file = `${role} ${other}`;
      const end = ends.get(file);
      if (end !== undefined && end !== offset) words.push(`at ${offset}`);
      ends.set(file, offset + Math.max(0, result));
    }
    return words.join(' ');
  });
}

/** A run that begins at some place: how long its pattern is, and how often it comes. */
interface Found {
  readonly period: number;
  readonly times: number;
}

/** The pattern that covers most from `at` on; the shortest of those that cover the same. */
function findRun(keys: readonly string[], at: number, end: number): Found | null {
  let best: Found | null = null;
  for (let period = 1; period <= longest && at + 2 * period <= end; period++) {
    let same = 0;
    while (at + period + same < end && keys[at + same] === keys[at + period + same]) same += 1;
    const times = Math.floor(same / period) + 1;
    if (times >= 2 && (best === null || times * period > best.times * best.period)) best = { period, times };
  }
  return best;
}

/** How many steps of a pattern to leave in front of it, that it begins where a reader would begin: with the first read. */
function lead(steps: readonly Step[], at: number, { period, times }: Found): number {
  if (times < 3 || isFileRead(steps[at])) return 0;
  for (let i = 1; i < period; i++) {
    if (isFileRead(steps[at + i]) && !isFileRead(steps[at + i - 1])) return i;
  }
  return 0;
}

function foldRange(steps: readonly Step[], keys: readonly string[], from: number, end: number): FoldedItem[] {
  const items: FoldedItem[] = [];
  for (let at = from; at < end; ) {
    const run = findRun(keys, at, end);
    const alone = run === null ? 1 : lead(steps, at, run);
    if (run === null || alone > 0) {
      items.push(...steps.slice(at, at + alone).map(step => foldedStep([step])));
      at += alone;
      continue;
    }
    const length = run.period * run.times;
    items.push(foldRun(steps.slice(at, at + length), keys.slice(at, at + run.period), run));
    at += length;
  }
  return foldItems(items);
}

/** From this many on, a pattern of patterns is one item. */
const fewRounds = 3;

/** Folds what was folded once more: a share of the transfer, a look at epoll, the next share, and so on to the end. */
function foldItems(items: readonly FoldedItem[]): FoldedItem[] {
  const shapes = items.map(shapeOf);
  const folded: FoldedItem[] = [];
  for (let at = 0; at < items.length; ) {
    const run = items[at].kind === 'run' ? findRun(shapes, at, items.length) : null;
    if (run === null || run.period === 1 || run.times < fewRounds) {
      folded.push(items[at]);
      at += 1;
      continue;
    }
    const length = run.period * run.times;
    folded.push(runOfItems(items.slice(at, at + length), run));
    at += length;
  }
  return folded;
}

function runOfItems(items: readonly FoldedItem[], { period, times }: Found): FoldedRun {
  const rounds = Array.from({ length: times }, (_, round) => items.slice(round * period, (round + 1) * period));
  const sentIn = rounds.map(round => round.reduce((sum, item) => sum + item.sent, 0));
  return {
    kind: 'run',
    why: 'repeats',
    times: spread([times]),
    body: mergeItems(rounds),
    moved: spread(sentIn),
    first: items[0].first,
    last: items[items.length - 1].last,
    calls: items.reduce((sum, item) => sum + item.calls, 0),
    sent: sentIn.reduce((sum, each) => sum + each, 0),
  };
}

function foldRun(steps: readonly Step[], keys: readonly string[], { period, times }: Found): FoldedItem {
  if (period === 1) return foldedStep(steps);
  const rounds = Array.from({ length: times }, (_, round) => steps.slice(round * period, (round + 1) * period));
  // within a pattern only a repeated step is folded further, which keeps this flat
  const bounds: [number, number][] = [];
  for (let at = 0; at < period; ) {
    let end = at + 1;
    while (end < period && keys[end] === keys[at]) end += 1;
    bounds.push([at, end]);
    at = end;
  }
  const body = bounds.map(([at, end]) => {
    const all = rounds.flatMap(round => round.slice(at, end));
    return { ...foldedStep(all), times: spread([end - at]) };
  });
  return runOf('repeats', [times], body, rounds);
}

function foldedStep(steps: readonly Step[]): FoldedStep {
  return {
    kind: 'step',
    step: steps[0],
    times: spread([steps.length]),
    asked: spread(steps.map(step => step.size ?? 0)),
    moved: spread(steps.map(step => step.result)),
    first: steps[0].index,
    last: steps[steps.length - 1].index,
    calls: steps.length,
    sent: sent(steps),
  };
}

function runOf(
  why: FoldedRun['why'],
  times: readonly number[],
  body: readonly FoldedItem[],
  rounds: readonly (readonly Step[])[],
): FoldedRun {
  const last = rounds[rounds.length - 1];
  return {
    kind: 'run',
    why,
    times: spread(times),
    body,
    moved: spread(rounds.map(sent)),
    first: rounds[0][0].index,
    last: last[last.length - 1].index,
    calls: rounds.reduce((sum, round) => sum + round.length, 0),
    sent: rounds.reduce((sum, round) => sum + sent(round), 0),
  };
}

/** Bytes that went to the client. */
export function sent(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => (isClientWrite(step) ? sum + Math.max(0, step.result) : sum), 0);
}

/** Where writes found the socket full and a wait followed. */
function fullSockets(steps: readonly Step[]): number[] {
  const found: number[] = [];
  let full = -1;
  for (const [at, step] of steps.entries()) {
    if (isClientWrite(step)) full = step.errno === 'EAGAIN' ? at : -1;
    else if (full >= 0 && isWait(step)) {
      found.push(full);
      full = -1;
    }
  }
  return found;
}

/** Behind the last step that moves bytes of the file, from the last full socket on. */
function endOfTransfer(steps: readonly Step[], from: number): number {
  let end = from + 1;
  for (let at = from; at < steps.length; at++) {
    const step = steps[at];
    if (isClientWrite(step) || isFileRead(step)) end = at + 1;
    else if (step.role === 'access log' || step.name === 'close') break;
  }
  return end;
}

/** What an item is, without its counts. */
function shapeOf(item: FoldedItem): string {
  if (item.kind === 'run') return `(${item.body.map(shapeOf).join(';')})`;
  return kindOf(item.step);
}

/** What a step is, whatever its sizes: `writev(client) = N`, `sendfile(client, file) = -1 EAGAIN`. */
export function kindOf(step: Step): string {
  // what epoll is asked to watch for is no size: the line itself is the kind
  if (step.name === 'epoll_ctl') return step.text;
  const words: string[] = [];
  if (!isWait(step) && (step.role !== 'other' || step.other !== undefined)) words.push(step.role);
  if (step.other !== undefined) words.push(step.other);
  if (step.name === 'setsockopt') words.push(...(step.flags ?? []));
  for (const event of step.events ?? []) words.push(`${event.role}: ${event.names.join('|')}`);
  if (step.value === 0 && isWait(step)) words.push('0 ms');
  const moves = isClientWrite(step) || isWait(step) || step.size !== undefined;
  const result =
    step.errno !== '' ? `-1 ${step.errno}` : (step.gives ?? (moves && step.result > 0 ? 'N' : step.result));
  return `${step.name}(${words.join(', ')}) = ${result}`;
}

interface Episode {
  readonly steps: readonly Step[];
  readonly items: readonly FoldedItem[];
  readonly shape: string;
}

function foldEpisodes(
  steps: readonly Step[],
  keys: readonly string[],
  full: readonly number[],
  last: number,
): FoldedItem[] {
  const episodes: Episode[] = full.map((start, number) => {
    const end = full[number + 1] ?? last;
    const items = foldRange(steps, keys, start, end);
    return { steps: steps.slice(start, end), items, shape: items.map(shapeOf).join(';') };
  });
  const shapes = new Set(episodes.map(episode => episode.shape));
  if (shapes.size > fewShapes) return [episodesOf(episodes, byKind(episodes))];
  return [...shapes].flatMap(shape => {
    const same = episodes.filter(episode => episode.shape === shape);
    return same.length === 1 ? same[0].items : [episodesOf(same, mergeItems(same.map(episode => episode.items)))];
  });
}

function episodesOf(episodes: readonly Episode[], body: readonly FoldedItem[]): FoldedRun {
  return runOf(
    'socket full',
    [episodes.length],
    body,
    episodes.map(episode => episode.steps),
  );
}

/** Items of the same shape, one below the other, as one list. */
function mergeItems(lists: readonly (readonly FoldedItem[])[]): FoldedItem[] {
  return lists[0].map((_, at) => mergeColumn(lists.map(list => list[at])));
}

function mergeColumn(column: readonly FoldedItem[]): FoldedItem {
  const [top] = column;
  const common = {
    times: mergeSpreads(column.map(item => item.times)),
    moved: mergeSpreads(column.map(item => item.moved)),
    first: top.first,
    last: column[column.length - 1].last,
    calls: column.reduce((sum, item) => sum + item.calls, 0),
    sent: column.reduce((sum, item) => sum + item.sent, 0),
  };
  if (top.kind === 'run') {
    const runs = column.filter(item => item.kind === 'run');
    return { kind: 'run', why: top.why, ...common, body: mergeItems(runs.map(run => run.body)) };
  }
  const asked = column.filter(item => item.kind === 'step').map(item => item.asked);
  return { kind: 'step', step: top.step, asked: mergeSpreads(asked), ...common };
}

function mergeSpreads(spreads: readonly Spread[]): Spread {
  return {
    min: spread(spreads.map(one => one.min)).min,
    median: spread(spreads.map(one => one.median)).median,
    max: spread(spreads.map(one => one.max)).max,
  };
}

/** Episodes that go many ways: for each kind of step, how often it comes in one of them. */
function byKind(episodes: readonly Episode[]): FoldedItem[] {
  const kinds = new Map<string, Step[]>();
  const counts = new Map<string, number[]>();
  for (const [number, episode] of episodes.entries()) {
    for (const step of episode.steps) {
      const kind = kindOf(step);
      const steps = kinds.get(kind);
      if (steps === undefined) {
        kinds.set(kind, [step]);
        counts.set(kind, new Array(episodes.length).fill(0));
      } else steps.push(step);
      const perEpisode = counts.get(kind);
      if (perEpisode !== undefined) perEpisode[number] += 1;
    }
  }
  return [...kinds].map(([kind, steps]) => ({ ...foldedStep(steps), times: spread(counts.get(kind) ?? [0]) }));
}
