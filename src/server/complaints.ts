/** How often a log that cannot be written may complain (ms). */
const interval = 1000;

/** Who is told of lines that are lost. */
export type OnLost = (what: string, errno: number, where: string) => void;

/** Counts the lines that a log could not write, and tells of it: once a second at most, for nobody is to be flooded by them. */
export class Complaints {
  /** Lines. */
  lost = 0;
  /** `errno` is 0 where a line was cut short. */
  onLost: OnLost | null = null;
  private last = Number.NEGATIVE_INFINITY;

  /** What the error log is to have of the call that failed, before and behind the errno. */
  constructor(
    private readonly what: string,
    private readonly where = '',
  ) {}

  /** @param errno 0 where the last of the lines was cut short */
  lose(errno: number, lines = 1): void {
    this.lost += lines;
    const now = performance.now();
    if (now - this.last < interval) return;
    this.last = now;
    this.onLost?.(this.what, errno, this.where);
  }
}
