import { columnsOf, cutTo } from '../tools/visible.js';
import { bytes } from '../tools/words.js';
import { clock, rate } from './amounts.js';

/** How far a transfer is. */
export interface Progress {
  /** A visible text. */
  readonly name: string;
  /** Bytes that are there. */
  readonly done: number;
  /** Null where it is not known. */
  readonly total: number | null;
  /** Bytes a second, null where it is not known yet. */
  readonly rate: number | null;
  /** Seconds since the begin. */
  readonly elapsed: number;
}

const leastBar = 10;
const mostBar = 40;
const mostName = 24;
const leastName = 8;

/**
 * One line: `name  [====>     ]  45 %  4.5 GB of 10 GB  51.3 Gbit/s  0:01 left`, in no more than so many columns. Where there is
 * little room, first the name is cut, then the bar goes, and then the rest from its end.
 */
export function progressLine(progress: Progress, columns: number): string {
  const facts = factsOf(progress);
  const room = (shown: readonly string[]) => columns - shown.join('  ').length - 2;
  const barRoom = room(facts) - 2;
  const nameFor = (space: number) => cutTo(progress.name, Math.min(mostName, space));
  if (barRoom - leastName - 2 >= leastBar) {
    const name = nameFor(barRoom - 2 - leastBar);
    const width = Math.min(mostBar, barRoom - 2 - columnsOf(name));
    return [name, bar(progress, width), ...facts].join('  ');
  }
  while (facts.length > 1 && room(facts) < leastName) facts.pop();
  if (room(facts) >= leastName) return [nameFor(room(facts)), ...facts].join('  ');
  return facts.join('  ').slice(0, Math.max(0, columns));
}

/** What is said beside the bar; each keeps its width, so that the line does not jump. */
function factsOf(progress: Progress): string[] {
  const { done, total, elapsed } = progress;
  const speed = (progress.rate === null ? '' : rate(progress.rate)).padStart(12);
  if (total === null) return [bytes(done).padStart(8), speed, clock(elapsed)];
  const share = `${percent(done, total)} %`.padStart(5);
  return [share, `${bytes(done).padStart(8)} of ${bytes(total)}`, speed, timeLeft(progress)];
}

/** 100 only when all is there. */
function percent(done: number, total: number): number {
  return total === 0 ? 100 : Math.floor((100 * Math.min(done, total)) / total);
}

function timeLeft({ done, total, rate: speed }: Progress): string {
  const left = Math.max(0, (total ?? 0) - done);
  if (left === 0) return `${clock(0)} left`;
  return speed === null || speed <= 0 ? '-:-- left' : `${clock(left / speed)} left`;
}

/** With brackets, two columns more than `width`; where the end is not known, a mark that moves. */
function bar({ done, total, elapsed }: Progress, width: number): string {
  if (total === null) {
    const way = width - 3;
    const step = Math.floor(elapsed * 4) % (2 * way);
    const place = step <= way ? step : 2 * way - step;
    return `[${' '.repeat(place)}<=>${' '.repeat(way - place)}]`;
  }
  const filled = total === 0 ? width : Math.floor((width * Math.min(done, total)) / total);
  return `[${`${'='.repeat(filled)}${filled < width ? '>' : ''}`.padEnd(width)}]`;
}
