/** What a plot is made from: texts and numbers alone, nothing that still has to be worked out. */

export type Colour = 'zero-copy' | 'copy' | 'other';

export interface Series {
  readonly name: string;
  readonly colour?: Colour;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** The paper's figures, not ours. */
  readonly paper?: boolean;
}

export interface Plot {
  readonly title: string;
  readonly kind: 'line' | 'bars' | 'points';
  readonly x: { readonly label: string; readonly log?: boolean };
  readonly y: { readonly label: string };
  readonly series: readonly Series[];
  /** The names of the groups of bars; a point's x is its group's index. */
  readonly categories?: readonly string[];
}
