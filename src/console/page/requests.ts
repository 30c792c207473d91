/** The last requests, with the path that their bytes took and the calls that it took. */
import type { DataPath, RequestFacts, Snapshot } from '../snapshot.js';
import { byId, cells, make, rowOf, setBadge, setClass, setText } from './dom.js';
import { bytes, timeOfDay, took } from './format.js';
import { callsText, filtered } from './lists.js';
import { pathLooks, paths } from './paths.js';

interface Row {
  readonly element: HTMLTableRowElement;
  update(request: RequestFacts): void;
}

export class Requests {
  private readonly body = byId('requests', HTMLElement);
  private readonly note = byId('requests-note', HTMLElement);
  private readonly filter = byId('requests-filter', HTMLSelectElement);
  private readonly pause = byId('requests-pause', HTMLButtonElement);
  /** Made once each; a request takes the row that its place in the list has. */
  private readonly rows: Row[] = [];
  private newest: readonly RequestFacts[] = [];
  private held: readonly RequestFacts[] | undefined;

  constructor() {
    this.filter.append(option('', 'all paths'), ...paths.map(path => option(path, pathLooks[path].name)));
    this.filter.addEventListener('change', () => this.show());
    this.pause.addEventListener('click', () => {
      this.held = this.held === undefined ? this.newest : undefined;
      this.pause.setAttribute('aria-pressed', `${this.held !== undefined}`);
      this.show();
    });
  }

  update({ requests }: Snapshot): void {
    this.newest = requests;
    this.show();
  }

  private show(): void {
    const all = this.held ?? this.newest;
    const shown = filtered(all, this.filter.value as DataPath | '');
    for (const [at, request] of shown.entries()) {
      this.rows[at] ??= requestRow(this.body);
      this.rows[at].update(request);
      this.rows[at].element.hidden = false;
    }
    for (const { element } of this.rows.slice(shown.length)) element.hidden = true;
    setText(this.note, this.noteText(all, shown.length));
  }

  private noteText(all: readonly RequestFacts[], shown: number): string {
    const count = shown === all.length ? `${shown}` : `${shown} of ${all.length}`;
    if (this.held === undefined) return `${count} shown, the newest first`;
    const newer = (this.newest[0]?.serial ?? 0) - (this.held[0]?.serial ?? 0);
    return `Paused: ${count} shown, ${newer} newer ${newer === 1 ? 'one' : 'ones'}`;
  }
}

function option(value: string, text: string): HTMLOptionElement {
  const element = make('option', '', text);
  element.value = value;
  return element;
}

function requestRow(body: HTMLElement): Row {
  const list = cells(8);
  const [time, client, line, status, size, duration, path, calls] = list;
  const badge = make('span');
  path.append(badge);
  const words = make('code', 'request-line');
  line.append(words);
  const element = rowOf(list);
  body.append(element);
  return {
    element,
    update(request) {
      setText(time, timeOfDay(request.at));
      setText(client, request.client);
      setText(words, request.line);
      setText(status, statusText(request));
      setClass(status, request.status >= 400 || request.status === 0 ? 'failed' : '');
      setText(size, bytes(request.bytes));
      setText(duration, took(request.took));
      setBadge(badge, request.path, pathLooks[request.path].name);
      setText(calls, callsText(request));
    },
  };
}

function statusText({ status, complete }: RequestFacts): string {
  return `${status === 0 ? 'none' : status}${complete ? '' : ', cut'}`;
}
