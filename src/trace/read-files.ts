import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describeMachine } from '../tools/machine.js';
import { parsedCheck } from './checks.js';
import type { Trace } from './event.js';
import { makeRecording } from './make-recording.js';
import type { Recording, TraceReport } from './report.js';
import { pairOf } from './run-scenario.js';
import { parseStrace } from './strace-parser.js';

/**
 * Reads traces that strace has written (`-o FILE`), of any program.
 * @param paths one, or two that are compared, as bytes
 * @throws Error when a file cannot be read, or holds no system call
 */
export function readTraces(paths: readonly Buffer[], commandLine: string): TraceReport {
  const recordings = paths.map(path => readTrace(path));
  const names = recordings.map(({ label }) => label).join(' and ');
  return {
    scenario: {
      name: 'read',
      title: `The system calls of ${names}`,
      about: 'What a recorded trace says: the way of the file, the pace of the client, and what it cost',
    },
    commandLine,
    date: new Date().toISOString(),
    machine: describeMachine(),
    servers: {},
    recordings,
    comparisons: recordings.length === 2 ? [pairOf(recordings, 0, 1, false)] : [],
    checks: recordings.map(recording => {
      const check = parsedCheck(recording);
      return { ...check, name: `${recording.label}: ${check.name}` };
    }),
    notes: [],
    buffers: null,
    copies: null,
  };
}

function readTrace(file: Buffer): Recording {
  const path = file.toString('utf8');
  const trace = parseStrace(readFileSync(file, 'latin1'));
  if (!trace.events.some(({ kind }) => kind === 'call')) {
    throw new Error(`"${path}" holds no system call: it must be what "strace -o FILE" writes`);
  }
  const unknown = { cpuMs: null, userMs: null, systemMs: null, voluntarySwitches: null, involuntarySwitches: null };
  const origin = { label: basename(path), program: 'file', answers: [], errorLog: [], ...unknown } as const;
  return makeRecording(trace, { ...origin, wallMs: lengthOf(trace) }, true);
}

/** From the first event to the last, in ms; null where there are no times. */
function lengthOf({ events }: Trace): number | null {
  const [first, last] = [events[0], events.at(-1)];
  if (first === undefined || last === undefined || first.time < 0 || last.time < 0) return null;
  return (last.time - first.time) * 1000;
}
