import { blogSequence } from './blog-sequence.js';
import { classify, countCalls } from './classify.js';
import type { Trace } from './event.js';
import { explain } from './explain.js';
import { fold } from './fold.js';
import { normalise } from './normalise.js';
import type { Figures, Recording } from './report.js';

type Origin = Pick<Recording, 'label' | 'program' | 'answers' | 'errorLog'> &
  Pick<
    Figures,
    'wallMs' | 'cpuMs' | 'userMs' | 'systemMs' | 'voluntarySwitches' | 'involuntarySwitches' | 'bytesFromDisk'
  >;

/**
 * Makes all that the views show of a trace.
 * @param showsBlog whether the steps of the blog's trace are looked for; they are of the way without sendfile
 */
export function makeRecording(trace: Trace, origin: Origin, showsBlog: boolean): Recording {
  const { label, program, answers, errorLog, ...measured } = origin;
  const normal = normalise(trace, { onlyRequests: true });
  const folded = fold(normal.steps);
  const classification = classify(trace);
  const { bytesRead, bytesWritten, bytesBySendfile } = classification;
  // what the program does for itself (its memory, its threads) is not a cost of the way that the file goes
  const calls = countCalls(normal.steps);
  const total = normal.steps.length;
  return {
    label,
    program,
    recorder: trace.recorder,
    trace,
    normal,
    folded,
    phases: explain(folded),
    classification,
    blog: showsBlog && classification.sendfile === 'off' ? blogSequence(normal.steps) : null,
    figures: { ...measured, bytesRead, bytesWritten, bytesBySendfile, calls, total },
    answers,
    errorLog,
  };
}
