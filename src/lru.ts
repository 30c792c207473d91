/** A key and its value, between the one that was used before it and the one that was used after it. */
class Place<V> {
  previous: Place<V> = this;
  next: Place<V> = this;

  constructor(
    readonly key: string,
    public value: V,
  ) {}

  moveBefore(other: Place<V>): void {
    this.leave();
    this.previous = other.previous;
    this.next = other;
    other.previous.next = this;
    other.previous = this;
  }

  leave(): void {
    this.previous.next = this.next;
    this.next.previous = this.previous;
    this.next = this;
    this.previous = this;
  }
}

/**
 * Values by key, in the order of their last use. A Map whose keys are taken out and put in again would keep that order too, but each of the
 * tables that it grows leaves a trace that only a major garbage collection takes away.
 */
export class Lru<V> {
  private readonly places = new Map<string, Place<V>>();
  /** Before the oldest and behind the newest. */
  private readonly ends = new Place<V | undefined>('', undefined) as Place<V>;

  get size(): number {
    return this.places.size;
  }

  /** The value, which is the last used one from now on. */
  use(key: string): V | undefined {
    const place = this.places.get(key);
    if (place === undefined) return undefined;
    if (place.next !== this.ends) place.moveBefore(this.ends);
    return place.value;
  }

  /** The value, as if nobody had asked for it. */
  peek(key: string): V | undefined {
    return this.places.get(key)?.value;
  }

  /** As the last used one. */
  set(key: string, value: V): void {
    let place = this.places.get(key);
    if (place === undefined) {
      place = new Place(key, value);
      this.places.set(key, place);
    } else place.value = value;
    place.moveBefore(this.ends);
  }

  delete(key: string): void {
    this.places.get(key)?.leave();
    this.places.delete(key);
  }

  /** What was not used for the longest time. */
  get oldest(): { readonly key: string; readonly value: V } | null {
    const { next } = this.ends;
    return next === this.ends ? null : next;
  }

  /** Lets the oldest go that are not needed any more, and others where there are too many. @param most there are fewer in the end */
  makeRoom(most: number, isOver: (value: V) => boolean, letGo: (value: V) => void): void {
    for (let { oldest } = this; oldest !== null && (this.size >= most || isOver(oldest.value)); { oldest } = this) {
      this.delete(oldest.key);
      letGo(oldest.value);
    }
  }

  /** The oldest first. */
  *values(): Generator<V> {
    for (let { next: place } = this.ends; place !== this.ends; place = place.next) yield place.value;
  }

  clear(): void {
    this.places.clear();
    this.ends.leave();
  }
}
