/** What the page knows: a whole snapshot, and what has come since. */
import type { LiveMessage, Sample, Snapshot } from '../snapshot.js';

/** Ten minutes of seconds. */
export const mostSamples = 600;
const mostRequests = 100;
const mostErrors = 50;

/**
 * The state after a message. Nothing is changed in place, so that a paused list may keep what it shows.
 * @returns undefined where news came before anything whole
 */
export function apply(state: Snapshot | undefined, message: LiveMessage): Snapshot | undefined {
  if (message.type === 'full') return bounded(message.snapshot);
  if (state === undefined) return undefined;
  const { type: _, sample, ...news } = message;
  return bounded({
    ...news,
    history: withSample(state.history, sample),
    requests: newestFirst(news.requests, state.requests),
    errors: newestFirst(news.errors, state.errors),
  });
}

function bounded(snapshot: Snapshot): Snapshot {
  const { history, requests, errors } = snapshot;
  return {
    ...snapshot,
    history: history.slice(-mostSamples),
    requests: requests.slice(0, mostRequests),
    errors: errors.slice(0, mostErrors),
  };
}

function withSample(history: readonly Sample[], sample: Sample | null): readonly Sample[] {
  const last = history.at(-1);
  return sample === null || (last !== undefined && sample.at <= last.at) ? history : [...history, sample];
}

interface Numbered {
  readonly serial: number;
}

/** What is told twice is taken once. */
function newestFirst<T extends Numbered>(news: readonly T[], known: readonly T[]): readonly T[] {
  const last = known[0]?.serial ?? -1;
  return [...news.filter(({ serial }) => serial > last), ...known];
}
