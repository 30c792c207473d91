import { getLimit, RLIMIT_NOFILE, setLimit } from '../../native/process.js';
import { say } from './bytes.js';
import { Progress } from './terminal.js';

/** One line that is written anew on a terminal; elsewhere a line for each step. */
export class Steps {
  private readonly line = new Progress();
  private last = '';

  show(step: string, detail: string): void {
    this.line.show(`${step}: ${detail}`);
    if (process.stderr.isTTY !== true && step !== this.last) say(step);
    this.last = step;
  }

  clear(): void {
    this.line.clear();
  }
}

/** A server with thousands of clients has more descriptors than programs usually may. */
export function raiseFileLimit(): void {
  const { hard } = getLimit(RLIMIT_NOFILE);
  setLimit(RLIMIT_NOFILE, hard, hard);
}
