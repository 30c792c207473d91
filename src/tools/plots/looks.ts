import {
  type SymbolType,
  symbolCircle,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
  symbolWye,
} from 'd3-shape';
import type { Colour, Series } from './data.js';

/** How the series of a plot are told apart: by colour, by shape, and by what is solid (ours) or dashed and hollow (the paper's). */

export interface Look {
  /** The class that has the colour. */
  readonly colour: string;
  readonly shape: SymbolType;
  /** What a bar is filled with. */
  readonly filling: 'solid' | 'stripes' | 'lines';
  readonly isPaper: boolean;
}

interface Family {
  readonly light: readonly string[];
  readonly dark: readonly string[];
  readonly filling: Look['filling'];
}

/** The first colours are those that the trace's pages have for the same things. */
export const families: Readonly<Record<Colour, Family>> = {
  'zero-copy': {
    light: ['#1a7f37', '#0e7490', '#4d7c0f'],
    dark: ['#3fb950', '#22b8cf', '#a3d955'],
    filling: 'solid',
  },
  copy: {
    light: ['#b45309', '#be123c', '#854d0e'],
    dark: ['#e3912d', '#ff7b93', '#d6b656'],
    filling: 'stripes',
  },
  other: {
    light: ['#8250df', '#0969da', '#57606a', '#a21caf'],
    dark: ['#bc8cff', '#58a6ff', '#9aa4af', '#f0a6ff'],
    filling: 'lines',
  },
};

const shapes: readonly SymbolType[] = [
  symbolCircle,
  symbolSquare,
  symbolTriangle,
  symbolDiamond,
  symbolStar,
  symbolWye,
];

/** The paper's series looks as ours of the same colour do, the first as the first. */
export function looksOf(series: readonly Series[]): Look[] {
  const seen = new Map<string, number>();
  const shapeOf = new Map<string, SymbolType>();
  return series.map(({ colour = 'other', paper = false }) => {
    const counter = `${colour} ${paper}`;
    const nth = seen.get(counter) ?? 0;
    seen.set(counter, nth + 1);
    const kin = `${colour} ${nth}`;
    const shape = shapeOf.get(kin) ?? shapes[shapeOf.size % shapes.length];
    shapeOf.set(kin, shape);
    const { light, filling } = families[colour];
    return { colour: `${colour}-${nth % light.length}`, shape, filling, isPaper: paper };
  });
}
