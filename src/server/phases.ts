import { followCaptures } from '../conf/regex.js';
import { isExplorer } from '../http/user-agents.js';
import { checkInternal } from '../modules/core-http.js';
import { type ErrorAction, errorPageFor } from '../modules/error-page.js';
import { mayKeepAlive } from '../modules/keepalive.js';
import { Outcome } from '../modules/module.js';
import { judgeAccess } from './access.js';
import { BEFORE_LOCATION, BEFORE_SERVER, type HttpRequest } from './request.js';
import { describeError, describeRefresh, prepareHead } from './respond.js';

/**
 * Runs a request through nginx's phases: server rewrite, find location, then the location's own handlers from rewrite to
 * content, then the filters. Handlers never wait, so all of it is one call, unless a handler suspends the request.
 */
export function runPhases(request: HttpRequest): void {
  request.position = BEFORE_SERVER;
  advance(request);
}

/** Goes on after a handler has suspended the request; `outcome` is what that handler says in the end. */
export function resumePhases(request: HttpRequest, outcome: Outcome): void {
  if (outcome === Outcome.Next || settle(request, outcome)) advance(request);
}

function advance(request: HttpRequest): void {
  for (;;) {
    const outcome = request.position < 0 ? findLocation(request) : runHandlers(request);
    if (outcome !== Outcome.Next && !settle(request, outcome)) return;
  }
}

/** The phases before the location is known, and the rules of the moment in which it is found. */
function findLocation(request: HttpRequest): Outcome {
  const server = request.serverRuntime;
  if (request.position === BEFORE_SERVER) {
    const { serverRewrite } = server.self;
    for (let i = 0; i < serverRewrite.length; i++) {
      const outcome = serverRewrite[i](request);
      if (outcome !== Outcome.Next) return outcome;
    }
  }
  request.locationRuntime = server.find(request.uri).for(request.head.method);
  if (server.captures !== null) request.captures = followCaptures(request.captures, server.captures);
  request.position = 0;
  if (!mayKeepAlive(request)) request.keepAlive = false;
  const { clientMaxBodySize } = request.settings;
  if (clientMaxBodySize > 0 && request.head.contentLength > clientMaxBodySize && !request.internal) {
    const bytes = BigInt(request.head.get('content-length') ?? 0);
    request.log('error', `client intended to send too large body: ${bytes} bytes`);
    return 413;
  }
  return checkInternal(request);
}

function runHandlers(request: HttpRequest): Outcome {
  const { handlers } = request.locationRuntime;
  while (request.position < handlers.length) {
    const outcome = handlers[request.position++](request);
    if (outcome !== Outcome.Next) return outcome;
  }
  return 404;
}

/** Statuses that say there is nobody to answer to. */
const TIMED_OUT = 408;
const CLIENT_CLOSED = 499;

/** Does what an outcome asks for. True when the phases are to go on (elsewhere: the request was pointed at another place). */
function settle(request: HttpRequest, said: Outcome): boolean {
  const { accessStart, accessEnd } = request.locationRuntime;
  const isAccess = request.position > accessStart && request.position < accessEnd;
  const outcome = isAccess ? judgeAccess(request, said) : said;
  switch (outcome) {
    case Outcome.Next:
      return true;
    case Outcome.Respond:
      return filterAndSend(request);
    case Outcome.Suspend:
      return false;
    case Outcome.Again:
      if (request.position > 0) request.position -= 1;
      return false;
    case Outcome.Restart:
      if (request.redirects >= 0) return true;
      request.log('error', `rewrite or internal redirection cycle while ${whatCycles(request)}`);
      request.errorPageUsed = true;
      request.errorStatus = 0;
      return answerStatus(request, 500);
    case Outcome.Close:
      request.host.abandon(444);
      return false;
    case TIMED_OUT:
    case CLIENT_CLOSED:
      request.host.abandon(outcome);
      return false;
    default:
      return answerStatus(request, outcome);
  }
}

function whatCycles({ position, uri, location }: HttpRequest): string {
  if (position === BEFORE_LOCATION) return `processing "${uri}"`;
  if (position === BEFORE_SERVER) return `internally redirecting to "${uri}"`;
  return `redirect to named location "${location.pattern}"`;
}

function filterAndSend(request: HttpRequest): boolean {
  const { response } = request;
  if (request.errorStatus !== 0) response.status = request.errorStatus;
  const { filters } = request.locationRuntime;
  for (let i = 0; i < filters.length; i++) {
    const outcome = filters[i](request);
    if (outcome !== Outcome.Next) {
      // the filters run again, for the status's own page; a range is refused when header lines have been added already, as in nginx
      if (outcome !== 416) response.headers.length = 0;
      return answerStatus(request, outcome);
    }
  }
  prepareHead(request);
  request.host.send();
  return false;
}

/** Statuses after which nginx does not trust the connection with another request. */
function endsConnection(status: number): boolean {
  return status === 400 || status === 413 || status === 414 || status === 494 || status === 500 || status === 501;
}

/** Ends the request with a status: by way of error_page, or with the status's own page. True to go on elsewhere. */
function answerStatus(request: HttpRequest, status: number): boolean {
  if (endsConnection(status)) request.keepAlive = false;
  if (!request.errorPageUsed) {
    const page = errorPageFor(request, status);
    if (page !== null) {
      request.errorPageUsed = !request.settings.recursiveErrorPages;
      return followErrorPage(request, page);
    }
  }
  request.errorStatus = 0;
  const { location } = request.response;
  const isRedirect = (status === 301 || status === 302) && location !== '';
  if (isRedirect && wantsRefresh(request)) describeRefresh(request, location);
  else describeError(request, status);
  return sendPage(request);
}

/** Whether redirects are pages that send the browser on. */
function wantsRefresh({ settings, head }: HttpRequest): boolean {
  return settings.msieRefresh && isExplorer(head.userAgent);
}

function sendPage(request: HttpRequest): boolean {
  // the status is settled: filters may change the head, and not the answer
  const { filters } = request.locationRuntime;
  for (let i = 0; i < filters.length; i++) filters[i](request);
  prepareHead(request);
  request.host.send();
  return false;
}

/** Ends a request whose head could not be read: the location is the server itself. */
export function refuse(request: HttpRequest, status: number): void {
  if (answerStatus(request, status)) advance(request);
}

function followErrorPage(request: HttpRequest, page: ErrorAction): boolean {
  if (page.kind === 'redirect') {
    if (wantsRefresh(request)) {
      request.errorStatus = 0;
      describeRefresh(request, page.target);
      return sendPage(request);
    }
    request.response.location = page.target;
    return answerStatus(request, page.status);
  }
  request.errorStatus = page.status;
  if (page.kind === 'named') {
    if (request.redirectNamed(page.target)) return settle(request, Outcome.Restart);
    request.log('error', `could not find named location "${page.target}"`);
    request.errorStatus = 0;
    return answerStatus(request, 500);
  }
  if (request.head.method !== 'HEAD') request.head.method = 'GET';
  request.redirect(page.target, page.args);
  return settle(request, Outcome.Restart);
}
