/** Reports for the tests of the page, from traces that are written here. */
import type { SystemCall, Trace } from '../../src/trace/event.js';
import { makeRecording } from '../../src/trace/make-recording.js';
import type { Recording, TraceReport } from '../../src/trace/report.js';
import { pairOf } from '../../src/trace/run-scenario.js';
import { parseStrace } from '../../src/trace/strace-parser.js';

const unknown = { cpuMs: null, userMs: null, systemMs: null, voluntarySwitches: null, involuntarySwitches: null };

export function recordingOf(label: string, trace: Trace, changes: Partial<Recording> = {}): Recording {
  const origin = { label, program: 'file', answers: [], errorLog: [], wallMs: null, ...unknown } as const;
  return { ...makeRecording(trace, origin, true), ...changes };
}

/** Lines in strace's words, with times where it is said how long each call takes and how long it is until the next. */
export function traceOf(lines: readonly string[], { step = 0, duration = 0 } = {}): Trace {
  if (step === 0) return parseStrace(lines.join('\n'));
  const timed = lines.map((line, at) => `${(1_763_640_000 + at * step).toFixed(6)} ${line} <${duration.toFixed(6)}>`);
  return parseStrace(timed.join('\n'));
}

export function reportOf(recordings: readonly Recording[], changes: Partial<TraceReport> = {}): TraceReport {
  return {
    scenario: { name: 'download', title: 'A download', about: 'What is to be seen' },
    commandLine: 'zerocopy trace download',
    date: '2026-11-20T12:00:00.000Z',
    machine: {
      processor: 'a processor',
      cores: 2,
      memory: 8,
      kernel: 'Linux 6',
      node: 'v20',
      congestionControl: 'cubic',
      loadAverage: 0.5,
    },
    servers: { zerocopy: '0.1.0' },
    recordings,
    comparisons: recordings.length === 2 ? [pairOf(recordings, 0, 1, false)] : [],
    checks: [{ name: 'the file arrives', ok: true, detail: 'all of it' }],
    notes: [],
    buffers: null,
    copies: null,
    ...changes,
  };
}

/** A copy of a trace in which every text that a recorder may have taken from outside is another one. */
export function withTexts(trace: Trace, text: string): Trace {
  const change = (call: SystemCall): SystemCall => ({
    ...call,
    text,
    preview: text,
    flags: [text],
    ...(call.path === undefined ? {} : { path: text }),
  });
  return {
    ...trace,
    events: trace.events.map(event => (event.kind === 'call' ? change(event) : event)),
    unparsed: [{ line: 7, text }],
  };
}

export const buffersSample = {
  connections: 100,
  rows: [
    { count: 2, size: 32_768, memoryMb: 7.9, waitP50Ms: 0.4, waitP99Ms: 1.9, calls: 4862, downloadBytes: 104_857_600 },
    {
      count: 1,
      size: 10_485_760,
      memoryMb: 1052,
      waitP50Ms: 4.1,
      waitP99Ms: 38,
      calls: 34,
      downloadBytes: 104_857_600,
    },
  ],
};
