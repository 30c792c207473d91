/** Runs `zerocopy trace` with a temporary folder of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../../src/tools/programs.js';
import { canTrace } from '../../src/trace/record.js';
import { canTraceChildren } from '../../src/trace/record-parent.js';

const program = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What is left in the temporary folder. */
  readonly left: readonly string[];
}

export class Command {
  readonly folder = mkdtempSync(`${tmpdir()}/zerocopy-trace-test-`);
  readonly child;
  readonly end: Promise<Result>;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [program, 'trace', ...args], {
      env: { ...process.env, TMPDIR: this.folder, ...env },
    });
    let [stdout, stderr] = ['', ''];
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    this.end = new Promise(resolve => {
      this.child.on('close', code => {
        const left = readdirSync(this.folder);
        rmSync(this.folder, { recursive: true, force: true });
        resolve({ code, stdout, stderr, left });
      });
    });
  }
}

export function trace(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Result> {
  return new Command(args, env).end;
}

const can = await canTrace();
/** For `skip`: why strace cannot be used here; false where it can. */
export const noStrace = can.ok || (await canTraceChildren()) ? false : `strace: ${can.ok ? '' : can.why}`;
export const noNginx = noStrace || (findProgram('nginx') === undefined ? 'nginx is not installed' : false);
