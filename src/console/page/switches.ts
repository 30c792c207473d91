/** The switches: `sendfile` and `output_buffers` of each server and location. */
import type { ControlFacts, ControlRequest, PlaceFacts, Snapshot } from '../snapshot.js';
import { byId, setAttribute, setText } from './dom.js';
import { KeyedRows } from './keyed-rows.js';
import { SwitchRow } from './switch-row.js';

export interface SwitchHooks {
  /** Asks the server. @returns the reason of a refusal, '' where it was done */
  change(request: ControlRequest): Promise<string>;
  say(text: string): void;
}

export class Switches {
  private readonly body = byId('places', HTMLElement);
  private readonly note = byId('places-note', HTMLElement);
  private control: ControlFacts = { allowed: false, reason: 'not connected' };
  private isConnected = false;
  private readonly rows: KeyedRows<PlaceFacts>;

  constructor(hooks: SwitchHooks) {
    this.rows = new KeyedRows<PlaceFacts>(
      this.body,
      ({ id }) => id,
      place => new SwitchRow(place, hooks, () => this.mayChange()),
    );
  }

  update({ places, control }: Snapshot): void {
    this.control = control;
    this.rows.update(places);
    this.showNote();
  }

  /** While the server is not heard from, nothing can be switched. */
  setConnected(isConnected: boolean): void {
    this.isConnected = isConnected;
    this.showNote();
  }

  private mayChange(): boolean {
    return this.control.allowed && this.isConnected;
  }

  private showNote(): void {
    const { allowed, reason } = this.control;
    for (const control of this.body.querySelectorAll<HTMLButtonElement | HTMLInputElement>('button, input')) {
      control.disabled = !allowed;
      // not disabled for a lost connection: that would take the focus away
      setAttribute(control, 'aria-disabled', `${!this.mayChange()}`);
    }
    const open = 'A change takes effect at once for new requests; the next reload from the file undoes it.';
    setText(this.note, allowed ? open : reason);
  }
}
