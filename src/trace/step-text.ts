/** A step as a line: `pread64(file, 32768, 0) = 32768`. */
import type { Step } from './steps.js';

type Described = Omit<Step, 'text'>;

const plain = new Set(['recvfrom', 'recvmsg', 'recv', 'read', 'readv', 'sendto', 'send', 'sendmsg', 'write', 'writev']);
const isPoll = (name: string) =>
  name.startsWith('epoll_wait') || name.startsWith('epoll_pwait') || /^p?poll$/.test(name);

/**
 * The line of a step. What differs from run to run is left out of it: where files are, how long the request and the log
 * line are (there is N for it), how long a wait may last; that it may not last at all is said (`0 ms`).
 */
export function stepText(step: Described): string {
  return `${step.name}(${argumentsOf(step).join(', ')}) = ${resultText(step)}`;
}

function argumentsOf(step: Described): string[] {
  const { name, role } = step;
  if (isPoll(name)) return waitArguments(step);
  const flags = step.flags?.join('|') ?? '';
  if (name === 'epoll_ctl') {
    const events = step.events?.flatMap(event => event.names).join('|') ?? '';
    return ['epoll', flags, step.other ?? 'other', events].filter(word => word !== '');
  }
  if (name === 'open' || name === 'openat' || name === 'openat2') return flags === '' ? [] : [flags];
  const words: string[] = role === 'other' && step.path === undefined ? [] : [role];
  if (role === 'access log' || role === 'error log') return words;
  if (role === 'other' && name.startsWith('sendfile') && step.path !== undefined) words[0] = step.path;
  if (step.other !== undefined) words.push(step.other);
  if (step.parts !== undefined) words.push(`[${step.parts.join(', ')}]`);
  else if (step.size !== undefined) words.push(`${step.size}`);
  if (step.offset !== undefined) words.push(`${step.offset}`);
  if (flags !== '' && !/stat|accept/.test(name)) words.push(flags);
  if (step.value !== undefined && (name === 'setsockopt' || name === 'getsockopt')) words.push(`${step.value}`);
  return words;
}

function waitArguments(step: Described): string[] {
  const words = (step.events ?? []).map(({ role, names }) => `${role}: ${names.join('|')}`);
  if (step.value === 0) words.push('0 ms');
  return words;
}

function resultText(step: Described): string {
  if (step.errno !== '') return `-1 ${step.errno}`;
  if (step.gives !== undefined) return step.gives;
  const isRequest = step.role === 'client' && /^re(cv|ad)/.test(step.name) && step.result > 0;
  const isLine = (step.role === 'access log' || step.role === 'error log') && plain.has(step.name);
  return isRequest || isLine ? 'N' : `${step.result}`;
}
