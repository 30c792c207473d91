/** Rows that stand for things with a name: they are made once, changed in place, and go when the thing does. */

export interface KeyedRow<T> {
  readonly element: Element;
  update(thing: T): void;
}

export class KeyedRows<T> {
  private readonly rows = new Map<string, KeyedRow<T>>();

  /** @param parent gets the rows, and holds nothing else */
  constructor(
    private readonly parent: Element,
    private readonly keyOf: (thing: T) => string,
    private readonly makeRow: (thing: T) => KeyedRow<T>,
  ) {}

  /** Shows these things, in this order. A row is moved only where the order has changed: moving one would take the focus from it. */
  update(things: readonly T[]): void {
    const keys = new Set(things.map(this.keyOf));
    for (const [key, row] of this.rows) {
      if (keys.has(key)) continue;
      row.element.remove();
      this.rows.delete(key);
    }
    let next = this.parent.firstElementChild;
    for (const thing of things) {
      const row = this.rowOf(thing);
      row.update(thing);
      if (row.element === next) next = next.nextElementSibling;
      else this.parent.insertBefore(row.element, next);
    }
  }

  private rowOf(thing: T): KeyedRow<T> {
    const key = this.keyOf(thing);
    const row = this.rows.get(key) ?? this.makeRow(thing);
    this.rows.set(key, row);
    return row;
  }
}
