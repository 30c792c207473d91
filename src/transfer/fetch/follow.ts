import { TransferError } from '../failure.js';
import { isPassingStatus, NotNow, retryAfter } from '../http/retries.js';
import { type HttpTarget, resolveRedirect } from '../http/url.js';
import type { Answer } from './answer.js';
import type { Client } from './client.js';
import { requestFields, type Wish } from './request.js';
import type { FetchSettings } from './settings.js';

const redirects = [301, 302, 303, 307, 308];

/**
 * Asks for a file, wherever the server says that it is.
 * @param origin what the user named: his fields are for its host alone
 * @param from where to begin: the origin, or where it led before
 * @returns an answer with the status 200, 206 or 416
 * @throws BrokenConnection (NotNow among it) where another try may help; TransferError for every other status
 */
export async function ask(
  client: Client,
  origin: HttpTarget,
  from: HttpTarget,
  wish: Wish,
  settings: Pick<FetchSettings, 'headers' | 'maxRedirects'>,
): Promise<Answer> {
  let target = from;
  for (let followed = 0; ; followed++) {
    const isTrusted = isSameHost(target, origin);
    const answer = await client.get(target, requestFields(target, wish, settings.headers, isTrusted));
    const { status } = answer.head;
    if (!redirects.includes(status)) {
      if (status === 200 || status === 206 || status === 416) return answer;
      answer.drop();
      throw refusal(answer);
    }
    answer.drop();
    if (followed >= settings.maxRedirects) {
      throw new TransferError(
        `${origin.url} leads from one address to the next, more than ${settings.maxRedirects} times: the last was ${target.url} (see --max-redirects)`,
        'peer',
      );
    }
    target = next(answer);
  }
}

function next({ head, target }: Answer): HttpTarget {
  const location = head.get('location');
  if (location !== undefined) return resolveRedirect(target, location);
  throw new TransferError(`${target.url} answers ${head.statusText}, but not where the file is`, 'peer');
}

export function isSameHost(one: HttpTarget, other: HttpTarget): boolean {
  return one.secure === other.secure && one.host === other.host && one.port === other.port;
}

/** What a status says that is no answer. */
function refusal({ head, target }: Answer): TransferError {
  const text = `${target.url}: the server answers ${head.statusText}${adviceOn(head.status)}`;
  if (isPassingStatus(head.status)) return new NotNow(text, retryAfter(head, Date.now()));
  return new TransferError(text, 'peer');
}

function adviceOn(status: number): string {
  if (status === 401) return ': give --user NAME:PASSWORD (to another host than the one in the URL it is not sent)';
  if (status === 403) return ': it does not let you have the file';
  if (status === 404) return ': there is no such file';
  return '';
}
