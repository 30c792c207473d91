import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fadvise, fdatasync, POSIX_FADV_DONTNEED } from '../../native/file.js';
import { cachedPages } from '../../native/page-cache.js';
import type { ClientResult } from './client-script.js';
import { makeRecording } from './make-recording.js';
import { record, untilQuiet } from './record.js';
import { recordFromFile } from './record-parent.js';
import type { Recording } from './report.js';
import { runClient } from './run-client.js';
import { fileName, type Mode, type Scenario, type ScenarioSettings } from './scenario.js';
import { TraceServer } from './trace-server.js';
import { type Usage, usageOf, usageSince } from './usage.js';
import type { Way } from './ways.js';

export interface RecordOptions {
  readonly scenario: Scenario;
  readonly settings: ScenarioSettings;
  readonly program: 'zerocopy' | 'nginx';
  readonly mode: Mode;
  readonly way: Way;
  readonly label: string;
  /** Told what goes on. */
  readonly progress: (text: string) => void;
}

/** Runs a scenario twice: for the times, which a recorder would spoil, and then for the trace. */
export async function recordScenario(options: RecordOptions): Promise<Recording> {
  const { label, way, progress } = options;
  progress(`${label}: starting the server`);
  let server = await startServer(options, 'attach');
  try {
    if (way === 'attach') return await recordOn(server, options);
    progress(`${label}: measuring`);
    const measured = await measure(server, options);
    await server.stop();
    server = await startServer(options, way);
    // what a server does for its first request alone is not to be in the trace
    await play(server, options);
    return await recordRun(server, options, measured);
  } finally {
    await server.stop();
  }
}

/** The same on a server that serves, and that the way of the recording suits. */
export async function recordOn(server: TraceServer, options: RecordOptions): Promise<Recording> {
  options.progress(`${options.label}: measuring`);
  const measured = await measure(server, options);
  return recordRun(server, options, measured);
}

function startServer({ program, mode, settings, scenario }: RecordOptions, way: Way): Promise<TraceServer> {
  const { size, outputBuffers } = settings;
  const { directives = '', hasThreads = false } = scenario;
  const buffers = outputBuffers === undefined ? {} : { outputBuffers };
  const recorder = { ledger: way === 'ledger', strace: way === 'parent', directives, hasThreads };
  return TraceServer.start({ program, sendfile: mode === 'on', files: { [fileName]: size }, ...recorder, ...buffers });
}

async function play(server: TraceServer, { scenario, settings }: RecordOptions): Promise<ClientResult> {
  const { requests, connections, isCold = false } = scenario;
  if (isCold) await dropPages(`${server.root}/${fileName}`, settings.size);
  return runClient({ port: server.port, requests, connections, rate: settings.clientRate });
}

/** Attempts, and milliseconds between two: pages that are on their way to a client stay until they have arrived. */
const dropsAtMost = 100;
const dropPause = 10;

/** Puts a file out of the page cache; where the file system has no other place for it, nothing happens. */
async function dropPages(path: string, size: number): Promise<void> {
  const fd = openSync(path, 'r');
  fdatasync(fd);
  for (let attempt = 0; attempt < dropsAtMost; attempt++) {
    fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    // less than 0: the kernel cannot say
    if (cachedPages(fd, 0, size) <= 0) break;
    await sleep(dropPause);
  }
  closeSync(fd);
}

type Measured = Usage & { readonly wallMs: number };

async function measure(server: TraceServer, options: RecordOptions): Promise<Measured> {
  await untilQuiet(server.pid);
  const before = usageOf(server.pid);
  const { seconds } = await play(server, options);
  await untilQuiet(server.pid);
  return { ...usageSince(server.pid, before), wallMs: seconds * 1000 };
}

async function recordRun(server: TraceServer, options: RecordOptions, measured: Measured): Promise<Recording> {
  const { scenario, program, way, label, progress } = options;
  progress(`${label}: recording with ${way === 'ledger' ? 'the ledger' : 'strace'}`);
  const logged = readFileSync(server.errorLog, 'latin1').length;
  let result: ClientResult | undefined;
  const action = async () => {
    result = await play(server, options);
  };
  const trace =
    way === 'parent'
      ? await recordFromFile(server, action)
      : await record(server, action, {
          recorder: way === 'ledger' ? 'ledger' : 'strace',
          ...(scenario.hasThreads === true ? { hasThreads: true } : {}),
        });
  const answers = scenario.requests.map(({ method, target }, at) => {
    const { status = 0, bytes = 0 } = result?.answers[at] ?? {};
    return { method, target, status, bytes };
  });
  const errorLog = readFileSync(server.errorLog, 'latin1').slice(logged).split('\n').filter(Boolean);
  return makeRecording(trace, { label, program, answers, errorLog, ...measured }, scenario.showsBlog === true);
}
