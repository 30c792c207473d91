/** `auth_basic`: who may come in, by user and password. */
import { createHmac, randomBytes } from 'node:crypto';
import type { ParseContext } from '../conf/directive.js';
import type { Complex } from '../conf/variables.js';
import { ACCESS_LEVELS } from './access.js';
import { basicCredentials, type Credentials } from './basic-credentials.js';
import { ENOENT } from './errno.js';
import { type Handler, type Module, Outcome, pending, type Request, type TextFile } from './module.js';
import { hashLike, isSame } from './password-hash.js';
import { row } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    /** What the browser is told; "off" lets everybody in. */
    authBasic: Complex | null;
    authBasicUserFile: Complex | null;
  }
}

/** A user of a file. */
interface User {
  /** In one of the forms of ngx_crypt. */
  readonly hash: string;
  /** A digest of the password that was found right before: slow hashes are made once, and not for each request. */
  known: string;
}

/** Draws digests of passwords that say nothing outside of this process. */
const digestKey = randomBytes(32);
const filesSeen = new WeakMap<TextFile, ReadonlyMap<string, User>>();

function digestOf(password: string): string {
  return createHmac('sha256', digestKey).update(password, 'latin1').digest('base64');
}

/** Reads `user:hash` and `user:hash:comment` lines. Of two lines with one user the first counts. */
function parseUsers(text: string): Map<string, User> {
  const users = new Map<string, User>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === -1 || line.startsWith('#')) continue;
    const user = line.slice(0, colon);
    const hash = line.slice(colon + 1).split(/[:\r]/, 1)[0]!;
    if (!users.has(user)) users.set(user, { hash, known: '' });
  }
  return users;
}

function usersOf(file: TextFile): ReadonlyMap<string, User> {
  const users = filesSeen.get(file) ?? parseUsers(file.text);
  filesSeen.set(file, users);
  return users;
}

function unreadable(request: Request, path: string, errno: number): Outcome {
  const isMissing = errno === ENOENT;
  request.logErrno(isMissing ? 'error' : 'crit', `${request.failedCall}() "${path}" failed`, errno);
  return isMissing ? 403 : 500;
}

function refuse(request: Request, realm: string): Outcome {
  request.response.headers.push('WWW-Authenticate', `Basic realm="${realm}"`);
  return 401;
}

/** @param hash of the password that the client has given, in the form of the user's */
function compare(request: Request, realm: string, given: Credentials, user: User, hash: string): Outcome {
  if (isSame(hash, user.hash)) {
    user.known = digestOf(given.password);
    return Outcome.Allowed;
  }
  request.log('error', `user "${given.user}": password mismatch`);
  return refuse(request, realm);
}

/** Hashes that take long are made by a thread. */
function compareByThread(request: Request, realm: string, given: Credentials, user: User): Outcome {
  const taken = request.crypt(given.password, user.hash, hash => {
    if (typeof hash === 'string') request.resume(compare(request, realm, given, user, hash));
    else {
      request.logErrno('crit', 'crypt_r() failed', hash);
      request.resume(500);
    }
  });
  return taken ? Outcome.Suspend : 503;
}

function checkUser(request: Request, realm: string, given: Credentials, user: User): Outcome {
  if (user.known !== '' && isSame(digestOf(given.password), user.known)) return Outcome.Allowed;
  const hash = hashLike(user.hash, given.password);
  return hash === undefined ? compareByThread(request, realm, given, user) : compare(request, realm, given, user, hash);
}

const authenticate: Handler = request => {
  const { authBasic, authBasicUserFile } = request.settings;
  const realm = authBasic?.evaluate(request) ?? 'off';
  if (realm === 'off' || authBasicUserFile === null) return Outcome.Next;
  const given = basicCredentials(request.head.authorization);
  if (given === null) {
    request.log('info', 'no user/password was provided for basic authentication');
    return refuse(request, realm);
  }
  const path = authBasicUserFile.evaluate(request);
  const file = request.readText(path);
  if (file === pending) return Outcome.Again;
  if (typeof file === 'number') return unreadable(request, path, file);
  const user = usersOf(file).get(given.user);
  if (user !== undefined) return checkUser(request, realm, given, user);
  request.log('error', `user "${given.user}" was not found in "${path}"`);
  return refuse(request, realm);
};

function parseText(args: readonly string[], cx: ParseContext): Complex {
  return cx.complex(args[0]!);
}

/** Relative to the folder of the configuration, unless a variable stands first. */
function parsePath([path]: readonly string[], cx: ParseContext): Complex {
  return cx.complex(path!.startsWith('$') ? path! : cx.confPath(path!));
}

const PHASES = { access: authenticate };
const NONE = {};

export const authBasic: Module = {
  name: 'auth_basic',
  directives: [
    row<'authBasic'>({
      name: 'auth_basic',
      key: 'authBasic',
      contexts: ACCESS_LEVELS,
      args: [1, 1],
      initial: null,
      default: 'off',
      doc: 'Asks for a user and a password: the name of what is asked for (variables), or off.',
      parse: parseText,
    }),
    row<'authBasicUserFile'>({
      name: 'auth_basic_user_file',
      key: 'authBasicUserFile',
      contexts: ACCESS_LEVELS,
      args: [1, 1],
      initial: null,
      doc: 'The file of user:hash lines (variables): what crypt(3) knows, $apr1$, {SHA}, {SSHA}, {PLAIN}. A right password is hashed once.',
      parse: parsePath,
    }),
  ],
  phases: settings => (settings.authBasic === null || settings.authBasicUserFile === null ? NONE : PHASES),
};
