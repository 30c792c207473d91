/** What scenarios ask of a recording. */
import { isFileRead, isKernelMove } from './normalise.js';
import type { Check, Recording } from './report.js';
import type { Mode } from './scenario.js';
import type { Step } from './steps.js';

/** That the client got these answers: status and bytes of the body of each request. */
export function answersCheck(recording: Recording, expected: readonly (readonly [number, number])[]): Check {
  const words = (list: readonly (readonly [number, number])[]) =>
    list.map(([status, bytes]) => `${status} with ${bytes.toLocaleString('en')} bytes`).join(', ');
  const got = recording.answers.map(({ status, bytes }) => [status, bytes] as const);
  const ok = words(got) === words(expected);
  const name = `the client gets ${words(expected)}`;
  return { name, ok, detail: ok ? '' : `it got ${words(got) || 'nothing'}` };
}

/** That no line of the trace was beyond the parser. */
export function parsedCheck({ trace }: Recording): Check {
  const [first] = trace.unparsed;
  const lines = `${trace.events.length} events, unparsed: ${trace.unparsed.length}`;
  const text = Buffer.from(first?.text ?? '', 'latin1').toString('utf8');
  const detail = first === undefined ? lines : `${lines} (line ${first.line}: ${text})`;
  return { name: 'every line of the trace is understood', ok: first === undefined, detail };
}

/** That the body went the way that `sendfile` says, all bytes of it. */
export function pathCheck({ classification }: Recording, mode: Mode, bytes: number): Check {
  const { sendfile, bytesRead, bytesBySendfile } = classification;
  const moved = mode === 'on' ? bytesBySendfile : bytesRead;
  const name =
    mode === 'on'
      ? `sendfile moves all ${bytes.toLocaleString('en')} bytes, none pass through the process`
      : `all ${bytes.toLocaleString('en')} bytes are read into the process and written out`;
  const detail = `${bytesRead.toLocaleString('en')} bytes read, ${bytesBySendfile.toLocaleString('en')} by sendfile`;
  return { name, ok: sendfile === mode && moved === bytes, detail };
}

/** That one file arrived, by the way that was asked for. @param size of the file, in bytes */
export function transferChecks(recording: Recording, size: number, mode: Mode): Check[] {
  return [answersCheck(recording, [[200, size]]), pathCheck(recording, mode, size), parsedCheck(recording)];
}

/** Steps of a request that take bytes from the file, whichever way. */
export function fileSteps(recording: Recording, request: number): Step[] {
  const steps = recording.normal.requests[request]?.steps ?? [];
  return steps.filter(step => isFileRead(step) || (isKernelMove(step) && step.other === 'file'));
}

/** That a request takes no byte of the file. */
export function untouchedCheck(recording: Recording, request: number, name: string): Check {
  const [first] = fileSteps(recording, request);
  const isThere = recording.normal.requests[request] !== undefined;
  const missing = isThere ? 'no read and no sendfile' : 'the trace does not show the request';
  return { name, ok: isThere && first === undefined, detail: first?.text ?? missing };
}

/** That there is a step, and the line that shows it. */
export function stepCheck(name: string, steps: readonly Step[], is: (step: Step) => boolean): Check {
  const found = steps.find(is);
  return { name, ok: found !== undefined, detail: found?.text ?? 'no such call' };
}
