/** What a screen reader says aloud: few sentences, and none of them again and again. */

const pause = 3000;

export class Announcer {
  private lastCalm = '';
  private lastAt = Number.NEGATIVE_INFINITY;
  private timer: number | undefined;

  /** @param region has role="status" */
  constructor(private readonly region: HTMLElement) {}

  /** At once: what a user has asked for, or has to know. The same sentence twice is said twice. */
  say(text: string): void {
    clearTimeout(this.timer);
    this.show(text);
  }

  /** What changes by itself: after a pause the latest alone is said, and only if it is not what was said so last. */
  sayCalmly(text: string): void {
    clearTimeout(this.timer);
    if (text === this.lastCalm) return;
    const wait = Math.max(0, this.lastAt + pause - performance.now());
    this.timer = setTimeout(() => {
      this.lastCalm = text;
      this.show(text);
    }, wait);
  }

  private show(text: string): void {
    this.lastAt = performance.now();
    // a region that does not change is not read, so each sentence is a new element
    const line = document.createElement('span');
    line.textContent = text;
    this.region.replaceChildren(line);
  }
}
