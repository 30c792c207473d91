/**
 * Moves the bytes of the picture along their ways. By a slow clock of its own: an animation of the browser's would draw sixty times a second,
 * and the processor that it takes may be the one that is measured.
 */

/** The pattern of the moving bytes repeats after so many units (style.css has the dashes); at speed 1 it takes this time, in ms. */
const period = 34;
const periodTime = 400;
const frame = 50;

export class Motion {
  private readonly speeds = new Map<SVGElement, number>();
  private timer: number | undefined;
  private isSeen = true;
  private isStill = false;
  private at = 0;
  /** In periods. */
  private readonly offsets = new Map<SVGElement, number>();

  /** @param picture nothing moves while it is scrolled out of sight */
  constructor(picture: Element) {
    new IntersectionObserver(([{ isIntersecting }]) => {
      this.isSeen = isIntersecting;
      this.arrange();
    }).observe(picture);
    document.addEventListener('visibilitychange', () => this.arrange());
  }

  /** @param speed 0: it does not move */
  set(bytes: SVGElement, speed: number): void {
    if (speed > 0) this.speeds.set(bytes, speed);
    else this.speeds.delete(bytes);
    this.arrange();
  }

  /** Nothing moves until it is called with false. */
  setStill(isStill: boolean): void {
    this.isStill = isStill;
    this.arrange();
  }

  /** Forgets what moved. */
  clear(): void {
    this.speeds.clear();
    this.offsets.clear();
    this.arrange();
  }

  private arrange(): void {
    const isMoving = this.speeds.size > 0 && this.isSeen && !this.isStill && !document.hidden;
    if (isMoving === (this.timer !== undefined)) return;
    clearInterval(this.timer);
    this.at = performance.now();
    this.timer = isMoving ? setInterval(() => this.step(), frame) : undefined;
  }

  private step(): void {
    const now = performance.now();
    const periods = (now - this.at) / periodTime;
    this.at = now;
    for (const [bytes, speed] of this.speeds) {
      const offset = ((this.offsets.get(bytes) ?? 0) + periods * speed) % 1;
      this.offsets.set(bytes, offset);
      bytes.style.strokeDashoffset = `${(-offset * period).toFixed(1)}px`;
    }
  }
}
