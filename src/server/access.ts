import { type Handler, Outcome } from '../modules/module.js';
import type { HttpRequest } from './request.js';

/** The rules of the access phase: whether all modules have to agree to a request, or one is enough (`satisfy`). */

/** What a handler of the access phase has said, as the phases are to take it. */
export function judgeAccess(request: HttpRequest, outcome: Outcome): Outcome {
  if (request.settings.satisfy === 'any') return judgeByOne(request, outcome);
  if (outcome === Outcome.Allowed) return Outcome.Next;
  return outcome === 401 ? delayUnauthorized(request) : outcome;
}

function judgeByOne(request: HttpRequest, outcome: Outcome): Outcome {
  if (outcome === Outcome.Allowed) {
    request.accessStatus = 0;
    request.position = request.locationRuntime.accessEnd;
    return Outcome.Next;
  }
  if (outcome !== 401 && outcome !== 403) return outcome;
  if (request.accessStatus !== 401) request.accessStatus = outcome;
  return Outcome.Next;
}

/** Ends the phase: with `satisfy any`, nobody has let the request in, and somebody has refused it. */
export const endAccess: Handler = each => {
  const request = each as HttpRequest;
  const status = request.accessStatus;
  if (status === 0) return Outcome.Next;
  request.accessStatus = 0;
  if (status === 401) return delayUnauthorized(request);
  request.log('error', 'access forbidden by rule');
  return status;
};

/** Guessing passwords takes time (`auth_delay`). */
function delayUnauthorized(request: HttpRequest): Outcome {
  const { authDelay } = request.settings;
  if (authDelay === 0) return 401;
  request.log('info', 'delaying unauthorized request');
  // what is said then is the last word
  request.position = request.locationRuntime.accessEnd;
  request.resumeAfter(authDelay, 401);
  return Outcome.Suspend;
}
