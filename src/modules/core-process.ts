/** What nginx's core gives to the processes that serve: environment, folder, priority, limits. And modules, of which it loads none. */
import type { AnyDirective, Context, ParseContext } from '../conf/directive.js';
import { parseInteger, parseOffset } from '../conf/values.js';
import { accepted, isFlag } from './accepted.js';
import { invalidValue, row } from './rows.js';

/** One `env`: a variable that workers keep, or get this value of. */
export interface EnvironmentEntry {
  readonly name: string;
  /** Undefined where it is inherited. */
  readonly value: string | undefined;
}

declare module '../conf/settings.js' {
  interface Settings {
    env: readonly EnvironmentEntry[];
    /** '' leaves workers where the master is. A relative path is relative to that folder. */
    workingDirectory: string;
    /** As nice(1) has it; 0 leaves it as it is. */
    workerPriority: number;
    /** Bytes of a core file (RLIMIT_CORE); -1 leaves the limit as it is. */
    workerRlimitCore: number;
    /** Nothing: the key of directives that are always refused. */
    refused: null;
  }
}

const MAIN: readonly Context[] = ['main'];

function parseEntry(text: string): EnvironmentEntry {
  const equals = text.indexOf('=');
  if (equals === -1) return { name: text, value: undefined };
  return { name: text.slice(0, equals), value: text.slice(equals + 1) };
}

function parsePriority(text: string, cx: ParseContext): number {
  const isSigned = text.startsWith('-') || text.startsWith('+');
  const number = parseInteger(isSigned ? text.slice(1) : text);
  if (number === undefined) return cx.fail('"worker_priority" directive invalid number');
  return text.startsWith('-') ? -number : number;
}

/** A directive for something that cannot be had: better said than called unknown. @param what it names */
function refused(name: string, what: string, why: string): AnyDirective {
  return row<'refused'>({
    name,
    key: 'refused',
    contexts: MAIN,
    args: [1, 1],
    repeatable: true,
    initial: null,
    doc: `Refused: ${why}.`,
    parse: (args, cx) =>
      cx.fail(`the ${what} "${args[0]}" cannot be loaded: ${why}, leave the "${name}" directive out`),
  });
}

export const coreProcess: readonly AnyDirective[] = [
  row<'env'>({
    name: 'env',
    key: 'env',
    contexts: MAIN,
    args: [1, 1],
    repeatable: true,
    initial: [],
    doc: 'NAME or NAME=VALUE: environment of the workers, who keep nothing else but TZ and, unlike in nginx, what Node, its loader and this program read: NODE_…, UV_…, LD_…, MALLOC_…, ZEROCOPY_…, OPENSSL_…, SSL_CERT_…, GLIBC_TUNABLES.',
    parse: (args, _cx, before) => [...(before ?? []), parseEntry(args[0]!)],
  }),
  row<'workingDirectory'>({
    name: 'working_directory',
    key: 'workingDirectory',
    contexts: MAIN,
    args: [1, 1],
    initial: '',
    doc: 'The folder that workers are in, where core files go. They have to be allowed to enter it.',
    parse: args => args[0]!,
  }),
  row<'workerPriority'>({
    name: 'worker_priority',
    key: 'workerPriority',
    contexts: MAIN,
    args: [1, 1],
    initial: 0,
    default: '0',
    doc: 'The priority of workers as nice(1) has it, from -20, the first, to 19.',
    parse: (args, cx) => parsePriority(args[0]!, cx),
  }),
  row<'workerRlimitCore'>({
    name: 'worker_rlimit_core',
    key: 'workerRlimitCore',
    contexts: MAIN,
    args: [1, 1],
    initial: -1,
    default: 'as inherited',
    doc: 'How large the core file of a worker may be.',
    parse: (args, cx) => parseOffset(args[0]!) ?? cx.fail(invalidValue('worker_rlimit_core')),
  }),
  refused('load_module', 'dynamic module', 'modules of nginx are programs for nginx alone'),
  refused('ssl_engine', 'engine', 'keys are files here'),
  accepted('ssl_object_cache_inheritable', MAIN, isFlag, 'certificates are read anew with each configuration.'),
];
