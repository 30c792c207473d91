/** Conditional requests: If-Modified-Since, If-None-Match, If-Unmodified-Since, If-Match (RFC 9110 section 13). */
import { checkPreconditions } from '../http/conditional.js';
import { type Handler, type Module, Outcome, type Response, type Segment } from './module.js';
import { choice, EVERYWHERE } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    ifModifiedSince: 'off' | 'exact' | 'before';
  }
}

const NO_BODY: readonly Segment[] = [];

/** The head that nginx sends without a body: dates and tags stay, what describes a body goes. */
function dropBody(response: Response): void {
  response.contentType = '';
  response.contentLength = -1;
  response.acceptRanges = false;
  response.body = NO_BODY;
}

/** A file that stands in for another status (error_page =204): that status may have no body, or no date. */
function fitStatus(response: Response): void {
  const { status } = response;
  if (status === 204 || status === 304) dropBody(response);
  if (status !== 206 && status !== 304) response.lastModified = -1;
}

const checkConditions: Handler = request => {
  const { head, response } = request;
  if (response.status !== 200) {
    fitStatus(response);
    return Outcome.Next;
  }
  const outcome = checkPreconditions(head, response.lastModified, response.etag, request.settings.ifModifiedSince);
  if (outcome === 304) {
    response.status = 304;
    dropBody(response);
  }
  return outcome === 412 ? 412 : Outcome.Next;
};

const PHASES = { filter: checkConditions };

export const notModified: Module = {
  name: 'not_modified',
  directives: [
    choice(
      'if_modified_since',
      'ifModifiedSince',
      EVERYWHERE,
      ['off', 'exact', 'before'],
      'exact',
      'Which times of If-Modified-Since mean 304: none, the same, or the same and later ones.',
    ),
  ],
  phases: () => PHASES,
};
