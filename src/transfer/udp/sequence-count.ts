const wordBits = 32;
/** 128 KB of bits. */
const windowWords = 1 << 15;
/** How far back (in datagrams, to a word) a late one is told from one that came twice. */
export const windowSize = windowWords * wordBits;

/**
 * Counts datagrams by their sequence numbers, as iperf3 does: a number that is left out is lost; if it comes after all, it is no
 * longer lost but out of order. What comes twice is counted apart, and nothing else.
 */
export class SequenceCount {
  /** Different datagrams that came. */
  received = 0;
  outOfOrder = 0;
  /** Also what is so late that it is forgotten whether it came before: it stays lost then. */
  duplicates = 0;
  private highest = -1;
  private told = 0;
  /** One bit each for the last numbers up to the highest. */
  private readonly seen = new Uint32Array(windowWords);

  /** How many were sent, as far as this end knows. */
  get sent(): number {
    return Math.max(this.told, this.highest + 1);
  }

  get lost(): number {
    return this.sent - this.received;
  }

  /** Of those sent; 0 to 100. */
  get lossPercent(): number {
    return this.sent === 0 ? 0 : (this.lost / this.sent) * 100;
  }

  /** The sender says that it has sent so many: from what came one cannot tell how many followed the last. */
  tell(sent: number): void {
    this.told = Math.max(this.told, sent);
  }

  /** A datagram came. Gives false for one that had come before. */
  add(sequence: number): boolean {
    if (sequence > this.highest) {
      this.advance(sequence);
    } else {
      if (this.isForgotten(sequence) || this.has(sequence)) {
        this.duplicates += 1;
        return false;
      }
      this.outOfOrder += 1;
    }
    this.seen[wordOf(sequence) % windowWords] |= 1 << (sequence % wordBits);
    this.received += 1;
    return true;
  }

  private isForgotten(sequence: number): boolean {
    return wordOf(sequence) <= wordOf(this.highest) - windowWords;
  }

  private has(sequence: number): boolean {
    return (this.seen[wordOf(sequence) % windowWords] & (1 << (sequence % wordBits))) !== 0;
  }

  /** Makes the window end with a new highest number, and forgets what was noted of older ones in its place. */
  private advance(sequence: number): void {
    const from = wordOf(this.highest);
    const to = wordOf(sequence);
    if (to - from >= windowWords) this.seen.fill(0);
    else for (let word = from + 1; word <= to; word++) this.seen[word % windowWords] = 0;
    this.highest = sequence;
  }
}

function wordOf(sequence: number): number {
  return Math.floor(sequence / wordBits);
}
