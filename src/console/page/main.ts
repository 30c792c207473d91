/** Starts the page: what comes over the connection goes to its parts. */
import type { ControlRequest, LiveMessage, Snapshot } from '../snapshot.js';
import { Announcer } from './announcer.js';
import { Calls } from './calls.js';
import { Connection, type ConnectionState } from './connection.js';
import { askForChange } from './control.js';
import { byId, setText } from './dom.js';
import { Errors } from './errors.js';
import { Figures } from './figures.js';
import { description, flowOf, headline, spoken } from './flow.js';
import { Header, stateText } from './header.js';
import { Picture } from './picture.js';
import { Plots, writeLegends } from './plots.js';
import { Requests } from './requests.js';
import { watchScrollers } from './scrollers.js';
import { apply } from './state.js';
import { Switches } from './switches.js';
import { Workers } from './workers.js';

class Page {
  private readonly announcer = new Announcer(byId('spoken', HTMLElement));
  private readonly header = new Header();
  private readonly headline = byId('headline', HTMLElement);
  private readonly picture = new Picture(byId('picture', SVGSVGElement));
  private readonly pictureText = byId('picture-text', HTMLElement);
  private readonly figures = new Figures();
  private readonly plots = new Plots();
  private readonly calls = new Calls();
  private readonly workers = new Workers();
  private readonly requests = new Requests();
  private readonly errors = new Errors();
  private readonly switches = new Switches({
    change: request => this.change(request),
    say: text => this.announcer.say(text),
  });
  private readonly connection = new Connection({
    onMessage: message => this.hear(message),
    onState: (state, pause) => this.showState(state, pause),
    onOffer: ({ token }) => {
      this.token = token;
    },
  });
  private snapshot: Snapshot | undefined;
  private token = '';
  private state: ConnectionState = 'connecting';
  private isDue = false;

  start(): void {
    writeLegends();
    watchScrollers();
    document.addEventListener('visibilitychange', () => this.showSoon());
    this.connection.start();
  }

  private hear(message: LiveMessage): void {
    this.snapshot = apply(this.snapshot, message);
    this.showSoon();
  }

  /** Once a frame at most, and not at all while nobody looks. */
  private showSoon(): void {
    if (this.isDue || document.hidden) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      if (this.snapshot !== undefined) this.show(this.snapshot);
    });
  }

  private show(snapshot: Snapshot): void {
    const last = snapshot.history.at(-1);
    const now = last?.at ?? Date.now();
    const flow = flowOf(last);
    setText(this.headline, headline(flow));
    setText(this.pictureText, description(flow));
    this.announcer.sayCalmly(spoken(flow.kind));
    this.picture.update(flow);
    this.header.update(snapshot, now);
    this.switches.update(snapshot);
    this.figures.update(snapshot);
    this.plots.update(snapshot.history);
    this.calls.update(snapshot);
    this.workers.update(snapshot);
    this.requests.update(snapshot);
    this.errors.update(snapshot);
  }

  private showState(state: ConnectionState, pause: number): void {
    const isHeard = state === 'live' || state === 'polling';
    this.header.showState(state, pause);
    // each attempt that fails is shown, the loss alone is spoken of
    if (state !== this.state) this.announcer.say(stateText(state, pause));
    this.state = state;
    this.picture.setStale(!isHeard);
    this.switches.setConnected(isHeard);
  }

  private async change(request: ControlRequest): Promise<string> {
    const { answer, isForbidden } = await askForChange(request, this.token);
    // a server that was started anew has a new token
    if (isForbidden) await this.connection.renewOffer().catch(() => undefined);
    this.connection.refresh();
    return answer.ok ? '' : answer.reason;
  }
}

byId('elsewhere', HTMLElement).hidden = true;
byId('page', HTMLElement).hidden = false;
new Page().start();
