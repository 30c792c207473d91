import type { DaemonOrder, DaemonReport } from './daemon.js';
import { reasonOf } from './failure.js';
import { serveHere } from './foreground.js';

/** The process in the background: takes one order from the process that started it, answers, and lets it go. */
process.once('message', async ({ options, withMaster }: DaemonOrder) => {
  try {
    await serveHere(options, withMaster);
    answer({ type: 'serves' }, () => {
      if (process.connected) process.disconnect();
    });
  } catch (error) {
    answer({ type: 'failed', message: reasonOf(error) }, () => process.exit(1));
  }
});

function answer(report: DaemonReport, then: () => void): void {
  process.send?.(report, undefined, undefined, then);
}
