/** The tail of the error log. */
import type { Snapshot } from '../snapshot.js';
import { byId, make, setText } from './dom.js';

export class Errors {
  private readonly list = byId('errors', HTMLElement);
  private readonly none = byId('errors-none', HTMLElement);
  private readonly lines: HTMLLIElement[] = [];

  update({ errors }: Snapshot): void {
    this.none.hidden = errors.length > 0;
    for (const [at, { text }] of errors.entries()) {
      if (this.lines[at] === undefined) {
        this.lines[at] = make('li');
        this.list.append(this.lines[at]);
      }
      setText(this.lines[at], text);
    }
    for (const line of this.lines.splice(errors.length)) line.remove();
  }
}
