import type { EventLoop } from '../../event/loop.js';
import { TransferError } from '../failure.js';
import { askedMs, isPassing, type Retries } from '../http/retries.js';
import type { HttpTarget } from '../http/url.js';
import { partNames } from '../part/names.js';
import { type PartState, readState } from '../part/state.js';
import { checkTarget } from '../part/target.js';
import type { Client } from './client.js';
import { nameFromHead, nameFromUrl } from './file-name.js';
import { canGoOn, firstWish, type Opening, open } from './opening.js';
import { Pause } from './pause.js';
import type { Wish } from './request.js';
import { type FetchSettings, isToOutput } from './settings.js';

/** First answers that are not the right one: of another version, or of a file that is called otherwise than its URL. */
const mostTries = 4;

/** Finds out what there is at a URL, what it is to be called, and what of it is there already. */
export class Opener {
  private readonly backoff: Pause;
  /** Whether there was ever a server. */
  private isThere = false;

  constructor(
    loop: EventLoop,
    private readonly settings: FetchSettings,
    private readonly origin: HttpTarget,
    private readonly retries: Retries,
    private readonly note: (text: string) => void,
  ) {
    this.backoff = new Pause(loop);
  }

  /**
   * Gets the first answer, to a request that goes on with what is there.
   * @returns with it, the final name of the file
   * @throws TransferError
   */
  async open(client: Client): Promise<{ opening: Opening; name: string }> {
    const { output, overwrite, resume, streams } = this.settings;
    let name = this.pathOf('');
    if (output !== '' && !isToOutput(this.settings) && !resume) checkTarget(name, overwrite);
    let state = this.stateOf(name);
    for (let tries = 0; tries < mostTries; tries++) {
      const opening = await this.ask(client, firstWish(state, streams));
      this.isThere = true;
      if (streams > 1 && isOfNoUse(state, opening)) {
        // of the new version, too, parts are asked for
        opening.answer.drop();
        state = null;
        continue;
      }
      const given = this.pathOf(await nameFromHead(opening.answer.head));
      const earlier = state;
      if (given !== name) state = this.stateOf(given);
      if (given === name || (!canGoOn(earlier) && !canGoOn(state))) return { opening, name: given };
      // the answer goes on with another file than the one that it belongs to
      opening.answer.drop();
      name = given;
    }
    throw new TransferError(
      `${this.origin.url} is called otherwise in each answer: give it a name with --output`,
      'peer',
    );
  }

  /** @param given the name that the server gives the file, or '' */
  private pathOf(given: string): string {
    const { output, dir } = this.settings;
    const name = output || given || nameFromUrl(this.origin);
    return dir === '' || name.startsWith('/') || isToOutput(this.settings)
      ? name
      : `${dir.replace(/\/+$/, '')}/${name}`;
  }

  /** What an earlier transfer has left, where it is to be gone on with. */
  private stateOf(name: string): PartState | null {
    if (!this.settings.resume) return null;
    return readState(partNames(name).state) ?? null;
  }

  /**
   * Asks until there is an answer, or no hope of one.
   * @throws TransferError
   */
  async ask(client: Client, wish: Wish): Promise<Opening> {
    for (;;) {
      try {
        return await open(client, this.origin, wish, this.settings);
      } catch (error) {
        this.isThere ||= client.hasConnected;
        // a server that was never there will hardly come up now
        if (!isPassing(error) || !this.isThere) throw error;
        const wait = this.retries.next(0, askedMs(error));
        if (wait === null) throw error;
        this.note(`${error.message}; ${this.retries.announce(wait)}`);
        await this.backoff.wait(wait);
      }
    }
  }

  /** The waiting ends. */
  close(): void {
    this.backoff.end();
  }
}

/** Whether the server sends another version than the one that there is something of. */
function isOfNoUse(state: PartState | null, { version, hasParts }: Opening): boolean {
  return canGoOn(state) && !hasParts && version.validator !== '' && version.validator !== state.identity.version;
}
