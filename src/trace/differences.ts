/** What differs between two traces of a request: one function for each question. */
import { familyOf } from './align.js';
import { isClientWrite, isFileRead, isKernelMove, isWait } from './normalise.js';
import type { Difference, DifferenceKind, RequestSteps, Severity, Step } from './steps.js';

type Names = readonly [string, string];
type Question = (a: readonly Step[], b: readonly Step[], names: Names) => Difference[];

/** All differences between two requests, in the order of a request's life. */
export function differencesOf(a: RequestSteps, b: RequestSteps, names: Names): Difference[] {
  return [...answers(a, b, names), ...questions.flatMap(ask => ask(a.steps, b.steps, names))];
}

function found(kind: DifferenceKind, severity: Severity, where: string, text: string): Difference[] {
  return [{ kind, severity, where, text }];
}

function answers(a: RequestSteps, b: RequestSteps, names: Names): Difference[] {
  if (a.status === b.status || a.status === 0 || b.status === 0) return [];
  return found(
    'answer',
    'matters',
    'head',
    `${names[0]} answers ${a.status}, ${names[1]} ${b.status}: these are not the same exchange.`,
  );
}

function pathOf(steps: readonly Step[]): 'sendfile' | 'copy' | 'none' {
  if (steps.some(step => isKernelMove(step) && step.result > 0)) return 'sendfile';
  return steps.some(step => isFileRead(step) && step.result > 0) ? 'copy' : 'none';
}

const pathText = {
  sendfile: 'has the kernel move the file with sendfile, so that no byte of it comes into the process',
  copy: 'reads the file into its memory and writes it to the socket, so that each byte is copied twice',
  none: 'sends nothing of a file',
};

const dataPath: Question = (a, b, names) => {
  const [left, right] = [pathOf(a), pathOf(b)];
  if (left === right) return [];
  return found(
    'path of the data',
    'matters',
    'transfer',
    `${names[0]} ${pathText[left]}; ${names[1]} ${pathText[right]}.`,
  );
};

/** How many buffers are read before each write, until the first full socket and behind it. */
function reads(steps: readonly Step[]): { before: number; after: number } {
  const rounds = { before: 0, after: 0 };
  let count = 0;
  let part: 'before' | 'after' = 'before';
  for (const step of steps) {
    if (isFileRead(step) && step.result > 0) count += 1;
    else if (isClientWrite(step)) {
      if (step.errno === 'EAGAIN') part = 'after';
      else if (step.result > 0) {
        rounds[part] = Math.max(rounds[part], count);
        count = 0;
      }
    }
  }
  return rounds;
}

const filling: Question = (a, b, names) => {
  const [left, right] = [reads(a), reads(b)];
  if (left.before === 0 || right.before === 0 || left.before === right.before) return [];
  // where the file fits into one buffer there is nothing to choose
  const [less, more] = left.before < right.before ? [0, 1] : [1, 0];
  const [few, many] = left.before < right.before ? [left, right] : [right, left];
  const until = few.after > few.before ? ' until the first EAGAIN' : '';
  return found(
    'filling the buffers',
    'cosmetic',
    'transfer',
    `${names[less]} fills ${amount(few.before)} before each write${until}; ${names[more]} fills ${many.before === 2 ? 'both' : `${many.before}`}: fewer writes for the same bytes.`,
  );
};

const amount = (buffers: number) => (buffers === 1 ? 'one buffer' : `${buffers} buffers`);

/** Which calls of one family each side uses; null where a side uses none. */
function usedOf(steps: readonly Step[], test: (step: Step) => boolean): string {
  return [...new Set(steps.filter(test).map(step => step.name))].sort().join(', ');
}

const sameQuestions: readonly { where: string; family: string; why: string; test?: (step: Step) => boolean }[] = [
  { where: 'waiting', family: 'wait', why: 'without a signal mask the two are the same' },
  { where: 'accept', family: 'accept', why: 'both take the client that waits' },
  { where: 'open the file', family: 'open', why: 'both open it' },
  { where: 'open the file', family: 'stat', why: 'the same question (size, date, kind), asked in another way' },
  {
    where: 'read the request',
    family: 'read',
    why: 'both read what the client sent',
    test: step => step.role === 'client',
  },
];

const otherCalls: Question = (a, b, names) =>
  sameQuestions.flatMap(({ where, family, why, test }) => {
    const isIt = (step: Step) => familyOf(step.name) === family && (test === undefined || test(step));
    const [left, right] = [usedOf(a, isIt), usedOf(b, isIt)];
    if (left === right || left === '' || right === '') return [];
    return found('another call', 'same', where, `${names[0]} has ${left} and ${names[1]} ${right}: ${why}.`);
  });

const headCalls: Question = (a, b, names) => {
  const [left, right] = [headOf(a), headOf(b)];
  if (left === undefined || right === undefined || left.name === right.name) return [];
  return found(
    'another call',
    'same',
    'head',
    `${names[0]} sends the head with ${left.name}, ${names[1]} with ${right.name}: the same bytes to the socket.`,
  );
};

function headOf(steps: readonly Step[]): Step | undefined {
  return steps.find(step => isClientWrite(step) && step.result > 0);
}

/** How head and file get into one packet. */
function joining(steps: readonly Step[]): string {
  const corks = steps.filter(step => step.name === 'setsockopt' && step.flags?.includes('TCP_CORK')).length;
  if (corks > 0) return `setsockopt TCP_CORK${corks === 2 ? ' twice' : ''}`;
  const more = steps.find(step => step.flags?.includes('MSG_MORE'));
  return more === undefined ? '' : `${more.name} with MSG_MORE`;
}

const options: Question = (a, b, names) => {
  const [left, right] = [joining(a), joining(b)];
  const differences: Difference[] = [];
  if (left !== right) {
    const both = left !== '' && right !== '';
    const why = both
      ? 'both put the head into one packet with the first bytes of the file; the flag costs no call of its own'
      : 'without it, the head may leave in a packet of its own';
    const text = `${names[0]} uses ${left || 'nothing'} and ${names[1]} ${right || 'nothing'}: ${why}.`;
    differences.push(...found('options', 'cosmetic', 'head', text));
  }
  const [one, other] = [noDelay(a), noDelay(b)];
  if (one === other) return differences;
  const [has, hasNot] = one ? names : [names[1], names[0]];
  const text = `${has} sets TCP_NODELAY in the trace and ${hasNot} does not: it has to be set once for a connection that is kept, at whatever time.`;
  return [...differences, ...found('options', 'cosmetic', 'keep alive', text)];
};

function noDelay(steps: readonly Step[]): boolean {
  return steps.some(step => step.name === 'setsockopt' && step.flags?.includes('TCP_NODELAY') === true);
}

const mandatory: readonly { what: string; where: string; why: string; test: (step: Step) => boolean }[] = [
  {
    what: 'access log line',
    where: 'log',
    why: 'the request leaves no trace in the log',
    test: step => step.role === 'access log',
  },
  {
    what: 'error log line',
    where: 'not found',
    why: 'nobody learns that the file is missing',
    test: step => step.role === 'error log',
  },
  {
    what: 'close of the file',
    where: 'close file',
    why: 'the descriptor stays open',
    test: step => step.name === 'close' && step.role === 'file',
  },
  {
    what: 'close of the client',
    where: 'close',
    why: 'the connection stays open, or the trace ends before',
    test: step => step.name === 'close' && step.role === 'client',
  },
  {
    what: 'head of an answer',
    where: 'head',
    why: 'the client gets no answer',
    test: step => isClientWrite(step) && step.result > 0,
  },
  {
    what: 'open of the file',
    where: 'open the file',
    why: 'it is already open (open_file_cache), or not looked at',
    test: step => familyOf(step.name) === 'open',
  },
  {
    what: 'accept',
    where: 'accept',
    why: 'the connection was there before, or the trace begins behind it',
    test: step => familyOf(step.name) === 'accept',
  },
];

const missing: Question = (a, b, names) =>
  mandatory.flatMap(({ what, where, why, test }) => {
    const [left, right] = [a.some(test), b.some(test)];
    if (left === right) return [];
    const [has, hasNot] = left ? names : [names[1], names[0]];
    const severity = where === 'accept' || where === 'open the file' ? 'cosmetic' : 'matters';
    return found('missing', severity, where, `${hasNot} has no ${what}, and ${has} has: ${why}.`);
  });

const backpressure: Question = (a, b, names) => {
  const count = (steps: readonly Step[]) => steps.filter(step => isClientWrite(step) && step.errno === 'EAGAIN').length;
  const [left, right] = [count(a), count(b)];
  if (left === right) return [];
  const text = `The socket of ${names[0]} was full ${left} times, that of ${names[1]} ${right} times: how fast the client reads decides that, and it differs from run to run.`;
  return found('backpressure', 'cosmetic', 'socket full', text);
};

const yields: Question = (a, b, names) => {
  const count = (steps: readonly Step[]) => steps.filter(step => isWait(step) && step.value === 0).length;
  const [left, right] = [count(a), count(b)];
  if ((left === 0) === (right === 0)) return [];
  const [has, hasNot] = left > 0 ? names : [names[1], names[0]];
  const text = `${has} looks for other events ${left + right} times in the midst of the answer (a wait of 0 ms), and ${hasNot} never: so that one fast client does not hold up the others.`;
  return found('another call', 'cosmetic', 'transfer', text);
};

const kinds: readonly { what: string; test: (step: Step) => boolean; cost: string }[] = [
  { what: 'reads of the file', test: isFileRead, cost: 'each is a switch into the kernel and a copy' },
  {
    what: 'writes to the client',
    test: step => isClientWrite(step) && !isKernelMove(step) && step.errno === '',
    cost: 'each is a switch into the kernel',
  },
  {
    what: 'calls of sendfile',
    test: step => isKernelMove(step) && step.errno === '',
    cost: 'how much a socket takes at once decides it',
  },
  { what: 'waits', test: isWait, cost: 'each is a chance for other clients' },
];

const counts: Question = (a, b, names) => {
  const samePath = pathOf(a) === pathOf(b);
  return kinds.flatMap(({ what, test, cost }) => {
    const [left, right] = [a.filter(test).length, b.filter(test).length];
    if (left === right) return [];
    // on another path of the data the counts are the point; waits are the client's doing
    const severity = samePath || test === isWait ? 'cosmetic' : 'matters';
    return found('counts', severity, 'transfer', `${left} ${what} in ${names[0]}, ${right} in ${names[1]}: ${cost}.`);
  });
};

const sizes: Question = (a, b, names) => {
  const largest = (steps: readonly Step[]) =>
    steps.filter(isFileRead).reduce((most, step) => Math.max(most, step.size ?? 0), 0);
  const [left, right] = [largest(a), largest(b)];
  if (left === right || left === 0 || right === 0) return [];
  return found(
    'sizes',
    'matters',
    'transfer',
    `${names[0]} reads up to ${left} bytes at once, ${names[1]} ${right}: larger buffers mean fewer calls and more memory for each client.`,
  );
};

/** What comes first: the log line or the end of the file, each by its first place. */
const order: Question = (a, b, names) => {
  const marks: readonly [string, (step: Step) => boolean][] = [
    ['the log line', step => step.role === 'access log'],
    ['the close of the file', step => step.name === 'close' && step.role === 'file'],
    ['the close of the client', step => step.name === 'close' && step.role === 'client'],
  ];
  const sequence = (steps: readonly Step[], known: readonly Step[]) =>
    marks
      .filter(([, test]) => steps.some(test) && known.some(test))
      .map(([name, test]): [string, number] => [name, steps.findIndex(test)])
      .sort((x, y) => x[1] - y[1])
      .map(([name]) => name)
      .join(', ');
  const [left, right] = [sequence(a, b), sequence(b, a)];
  if (left === right) return [];
  return found(
    'order',
    'cosmetic',
    'log',
    `The end comes in another order: ${left} in ${names[0]}; ${right} in ${names[1]}.`,
  );
};

const questions: readonly Question[] = [
  dataPath,
  filling,
  sizes,
  counts,
  yields,
  otherCalls,
  headCalls,
  options,
  missing,
  backpressure,
  order,
];
