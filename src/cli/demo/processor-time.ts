import { readFileSync } from 'node:fs';

/** The unit of the times in /proc (proc_pid_stat(5)): a hundredth of a second on every Linux that Node runs on. */
export const tickSeconds = 0.01;

/** The processor time that a process has used so far, all of its threads together, in seconds. */
export function workerTime(pid: number): { user: number; system: number } {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // the second field is the program's name, which may hold anything; the third one follows its last ")"
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { user: Number(fields[11]) * tickSeconds, system: Number(fields[12]) * tickSeconds };
}
