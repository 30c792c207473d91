import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Settings } from '../conf/settings.js';
import type { ConfigOptions } from '../server/load.js';
import { nodePath } from './bytes.js';
import { report } from './failure.js';

const program = fileURLToPath(new URL('./daemon-process.js', import.meta.url));

/** What the process in the background is told. */
export interface DaemonOrder {
  readonly options: ConfigOptions;
  readonly withMaster: boolean;
}

/** What it answers, once. */
export type DaemonReport = { readonly type: 'serves' } | { readonly type: 'failed'; readonly message: string };

/**
 * `daemon on`: starts the server in a session of its own, and waits until it serves or has failed. As in nginx, its standard
 * error goes to the error log, unless that is standard error itself.
 */
export async function daemonize(options: ConfigOptions, main: Settings): Promise<void> {
  const { path } = main.errorLogs[0].target;
  const errors = path === '/dev/stderr' ? 2 : openSync(nodePath(path), 'a');
  const child = spawn(process.execPath, [program], {
    detached: true,
    stdio: ['ignore', 'ignore', errors, 'ipc'],
    serialization: 'advanced',
  });
  if (errors !== 2) closeSync(errors);
  child.send({ options, withMaster: main.masterProcess } satisfies DaemonOrder);
  const answer = await new Promise<DaemonReport>(resolve => {
    child.on('message', resolve as (message: unknown) => void);
    child.on('error', error => resolve({ type: 'failed', message: error.message }));
    child.on('exit', (code, signal) =>
      resolve({ type: 'failed', message: `the server process exited with ${signal ?? `code ${code}`}` }),
    );
  });
  if (child.connected) child.disconnect();
  child.unref();
  if (answer.type === 'serves') return;
  report('emerg', answer.message);
  process.exitCode = 1;
}
