/** Puts two folded traces side by side. */
import { explain, stepsOf } from './explain.js';
import { itemText } from './fold-text.js';
import { isClientWrite, isFileRead } from './normalise.js';
import type { Folded, FoldedItem, PhaseName, Row, Severity, Step } from './steps.js';

/** Above this many lines on a side, lines are only aligned in their order: the table of all pairs would be too large. */
const tooMany = 1500;

interface Line {
  readonly phase: PhaseName;
  readonly item: FoldedItem;
  readonly family: string;
}

/** Calls that ask the kernel for the same thing. */
const families: Readonly<Record<string, string>> = {
  epoll_wait: 'wait',
  epoll_pwait: 'wait',
  epoll_pwait2: 'wait',
  poll: 'wait',
  accept: 'accept',
  accept4: 'accept',
  fstat: 'stat',
  stat: 'stat',
  newfstatat: 'stat',
  statx: 'stat',
  open: 'open',
  openat: 'open',
  openat2: 'open',
  write: 'write',
  writev: 'write',
  send: 'write',
  sendto: 'write',
  sendmsg: 'write',
  read: 'read',
  recv: 'read',
  recvfrom: 'read',
};

/** The name that calls of one purpose have in common. */
export function familyOf(name: string): string {
  return families[name] ?? name;
}

/** The rows of the side-by-side view: what has its like on the other side is beside it. */
export function alignItems(a: Folded, b: Folded): Row[] {
  const left = linesOf(a);
  const right = linesOf(b);
  const rows: Row[] = [];
  let [i, j] = [0, 0];
  for (const [x, y] of matches(left, right)) {
    addAlone(rows, left.slice(i, x), right.slice(j, y));
    rows.push(row(left[x], right[y]));
    [i, j] = [x + 1, y + 1];
  }
  addAlone(rows, left.slice(i), right.slice(j));
  return rows;
}

function linesOf(folded: Folded): Line[] {
  return explain(folded).flatMap(phase =>
    phase.items.map(item => ({ phase: phase.name, item, family: `${phase.name} ${familyOfItem(item)}` })),
  );
}

function familyOfItem(item: FoldedItem): string {
  return item.kind === 'step' ? `${familyOf(item.step.name)} ${item.step.role}` : item.why;
}

function addAlone(rows: Row[], left: readonly Line[], right: readonly Line[]): void {
  for (const line of left) rows.push(row(line, null));
  for (const line of right) rows.push(row(null, line));
}

function row(a: Line | null, b: Line | null): Row {
  const phase = (a ?? b)?.phase ?? 'other';
  return { phase, a: a?.item ?? null, b: b?.item ?? null, severity: severityOf(a?.item, b?.item) };
}

function severityOf(a: FoldedItem | undefined, b: FoldedItem | undefined): Severity {
  if (a === undefined || b === undefined) {
    const item = a ?? b;
    return item !== undefined && stepsOf(item).some(isOfTheAnswer) ? 'matters' : 'cosmetic';
  }
  return wholeText(a) === wholeText(b) ? 'same' : 'cosmetic';
}

/** Whether a step is a part of what the client or the log gets; the others (options, waits) serve these. */
function isOfTheAnswer(step: Step): boolean {
  return isClientWrite(step) || isFileRead(step) || step.name === 'close' || step.role.endsWith(' log');
}

function wholeText(item: FoldedItem): string {
  return item.kind === 'step' ? itemText(item) : `${itemText(item)} ${item.body.map(wholeText).join('; ')}`;
}

/** The longest common subsequence of the families, as pairs of places. */
function matches(a: readonly Line[], b: readonly Line[]): [number, number][] {
  if (a.length > tooMany || b.length > tooMany) return inStep(a, b);
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        a[i].family === b[j].family
          ? lengths[(i + 1) * width + j + 1] + 1
          : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i].family === b[j].family) pairs.push([i++, j++]);
    else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) i += 1;
    else j += 1;
  }
  return pairs;
}

function inStep(a: readonly Line[], b: readonly Line[]): [number, number][] {
  const pairs: [number, number][] = [];
  const places = new Map<string, number[]>();
  for (const [j, line] of b.entries()) places.set(line.family, [...(places.get(line.family) ?? []), j].slice(-tooMany));
  let from = 0;
  for (const [i, line] of a.entries()) {
    const j = places.get(line.family)?.find(place => place >= from);
    if (j === undefined) continue;
    pairs.push([i, j]);
    from = j + 1;
  }
  return pairs;
}
