import { type Markup, markup } from '../html/markup.js';
import type { Plot } from './data.js';
import { narrow, wide } from './frame.js';
import { plotPart } from './plot.js';

/** A plot twice, for a page and for a phone: one that is made smaller cannot be read. @param id unique in the page */
export function figurePart(plot: Plot, id: string): Markup {
  return markup`<figure><div class="wide">${plotPart(plot, wide, id)}</div><div class="narrow">${plotPart(plot, narrow, `${id}n`)}</div></figure>
`;
}
