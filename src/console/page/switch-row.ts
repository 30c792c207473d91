/** One server or location: a switch for `sendfile`, a form for `output_buffers`, and the way back to what the file has. */
import type { ControlRequest, PlaceFacts } from '../snapshot.js';
import { cells, make, rowOf, setAttribute, setText } from './dom.js';
import { confSize } from './format.js';
import type { KeyedRow } from './keyed-rows.js';
import type { SwitchHooks } from './switches.js';

/** So long, in milliseconds, the new state may take to come after the server has agreed. */
const patience = 3000;

type Directive = PlaceFacts['changed'][number];

export class SwitchRow implements KeyedRow<PlaceFacts> {
  readonly element: HTMLTableRowElement;
  private readonly name = make('strong');
  private readonly where = make('span', 'where');
  private readonly toggle = make('button', 'switch');
  private readonly form = make('form', 'buffers');
  private readonly number = make('input');
  private readonly size = make('input');
  private readonly backs: Readonly<Record<Directive, HTMLElement>>;
  private readonly error = make('p', 'refusal');
  private place: PlaceFacts;
  /** What is typed is not written over. */
  private isTyped = false;
  private isBusy = false;

  constructor(
    place: PlaceFacts,
    private readonly hooks: SwitchHooks,
    private readonly mayChange: () => boolean,
  ) {
    this.place = place;
    const list = cells(3, 'th');
    const [head, sendfile, buffers] = list;
    sendfile.dataset.directive = 'sendfile';
    buffers.dataset.directive = 'output_buffers';
    head.classList.add(`depth-${Math.min(4, place.id.split('/').length - 1)}`);
    head.append(this.name, this.where, this.error);
    this.backs = { sendfile: this.way('sendfile'), output_buffers: this.way('output_buffers') };
    sendfile.append(this.toggle, this.backs.sendfile);
    this.buildForm();
    buffers.append(this.form, this.backs.output_buffers);
    this.error.hidden = true;
    this.element = rowOf(list);
    this.toggle.type = 'button';
    this.toggle.setAttribute('role', 'switch');
    this.toggle.addEventListener('click', () => this.ask('sendfile', this.place.sendfile ? 'off' : 'on'));
  }

  update(place: PlaceFacts): void {
    this.place = place;
    setText(this.name, place.name);
    setText(this.where, `${place.kind}, ${place.where}`);
    setAttribute(this.toggle, 'aria-label', `sendfile of ${place.kind} ${place.name}`);
    setAttribute(this.toggle, 'aria-checked', `${place.sendfile}`);
    setText(this.toggle, place.sendfile ? 'on' : 'off');
    setAttribute(this.form, 'aria-label', `output_buffers of ${place.kind} ${place.name}`);
    if (!this.isTyped) this.showBuffers();
    for (const directive of ['sendfile', 'output_buffers'] as const) {
      this.backs[directive].hidden = !place.changed.includes(directive);
    }
  }

  private showBuffers(): void {
    const { bufferNumber, bufferSize } = this.place;
    if (this.number.value !== `${bufferNumber}`) this.number.value = `${bufferNumber}`;
    if (this.size.value !== confSize(bufferSize)) this.size.value = confSize(bufferSize);
  }

  private buildForm(): void {
    Object.assign(this.number, { type: 'number', min: '1', max: '64', required: true });
    Object.assign(this.size, { type: 'text', pattern: '[1-9][0-9]*[kKmM]?', required: true, autocomplete: 'off' });
    this.number.setAttribute('aria-label', 'number of buffers');
    this.size.setAttribute('aria-label', 'size of each, such as 32k');
    this.size.title = 'bytes, or with k or m';
    const set = make('button', '', 'Set');
    set.type = 'submit';
    this.form.append(this.number, make('span', '', '×'), this.size, set);
    this.form.addEventListener('input', () => {
      this.isTyped = true;
    });
    this.form.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.untype();
    });
    this.form.addEventListener('submit', event => {
      event.preventDefault();
      this.ask('output_buffers', `${this.number.value} ${this.size.value}`);
    });
  }

  private untype(): void {
    this.isTyped = false;
    this.showBuffers();
  }

  /** The mark of a change, and the button that takes it back. */
  private way(directive: Directive): HTMLElement {
    const element = make('span', 'changed', 'changed here ');
    const button = make('button', 'link', 'back to the file’s');
    button.type = 'button';
    button.setAttribute('aria-label', `${directive} of ${this.place.name}: back to what the file has`);
    button.addEventListener('click', () => this.ask(directive, null));
    element.hidden = true;
    element.append(button);
    return element;
  }

  private async ask(directive: Directive, value: string | null): Promise<void> {
    if (this.isBusy || !this.mayChange()) return;
    this.setBusy(true);
    this.refuse('');
    const reason = await this.hooks.change({ place: this.place.id, [directive]: value } as ControlRequest);
    if (reason === '') {
      this.hooks.say(`${directive} of ${this.place.name}: ${value ?? 'as the file has it'}.`);
      await this.arrival(directive, value);
      if (directive === 'output_buffers') this.untype();
    } else {
      this.refuse(`Not changed: ${reason}`);
      this.hooks.say(`${directive} of ${this.place.name} was not changed: ${reason}`);
    }
    this.setBusy(false);
  }

  /** The switch is busy until it shows what was asked for: a click in between would be one on an old state. */
  private async arrival(directive: Directive, value: string | null): Promise<void> {
    const isThere = () =>
      value === null
        ? !this.place.changed.includes(directive)
        : settingOf(this.place, directive) === value.toLowerCase();
    const end = performance.now() + patience;
    while (!isThere() && performance.now() < end) await new Promise(resolve => setTimeout(resolve, 50));
  }

  private setBusy(isBusy: boolean): void {
    this.isBusy = isBusy;
    setAttribute(this.element, 'aria-busy', `${isBusy}`);
  }

  private refuse(text: string): void {
    setText(this.error, text);
    this.error.hidden = text === '';
  }
}

function settingOf({ sendfile, bufferNumber, bufferSize }: PlaceFacts, directive: Directive): string {
  return directive === 'sendfile' ? (sendfile ? 'on' : 'off') : `${bufferNumber} ${confSize(bufferSize)}`;
}
