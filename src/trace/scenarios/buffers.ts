import { freemem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ended, gather, start } from '../../tools/children.js';
import { until } from '../../tools/waiting.js';
import { probe } from '../probe.js';
import { untilQuiet } from '../record.js';
import { recordScenario } from '../record-scenario.js';
import type { BuffersRow, Check } from '../report.js';
import { heading, type Outcome, type RunOptions } from '../run-scenario.js';
import { directiveSize, fileName, type Scenario, type ScenarioSettings, sizeText, target } from '../scenario.js';
import { TraceServer } from '../trace-server.js';
import { memoryOf } from '../usage.js';
import { chooseWay } from '../ways.js';
import { download } from './download.js';

/** Why the buffers are not larger: what they cost in memory, and what a large read does to all others. */
export const buffers: Scenario = {
  name: 'buffers',
  about: 'Why not 10 MB: sizes of output_buffers against memory, and the wait of a small request beside them',
  defaultSize: 100 * 2 ** 20,
  requests: download.requests,
  connections: 'each',
  title: ({ size }) => `Slow downloads of ${sizeText(size)} through output buffers of different sizes`,
  check: () => [],
};

type Sizes = NonNullable<ScenarioSettings['outputBuffers']>;

const sweep: readonly Sizes[] = [
  { count: 2, size: 4 * 1024 },
  { count: 2, size: 32 * 1024 },
  { count: 2, size: 256 * 1024 },
  { count: 2, size: 1024 * 1024 },
  { count: 1, size: 10 * 1024 * 1024 },
];

const slowClient = fileURLToPath(new URL('../../tools/slow-client.js', import.meta.url));
const smallFile = 'small.txt';
const mostConnections = 200;
/** Bytes a second that each slow client takes where --client-rate says nothing. */
const usualPace = 256 * 1024;
/** How long small requests go on when all connections are there, in ms. */
const window = 1500;

/**
 * Serves many slow clients through buffers of each size (or of the one that the settings name), and measures.
 * @throws MissingError when strace was asked for and cannot be used
 */
export async function runBuffers(options: RunOptions): Promise<Outcome> {
  const { settings } = options;
  const { way, notes: known } = await chooseWay(options.recorder);
  const notes = [...known];
  if (options.against !== undefined) notes.push('The sweep is of Zerocopy alone: --against does not change it.');
  const sizes = settings.outputBuffers === undefined ? sweep : [settings.outputBuffers];
  const connections = connectionsFor(sizes);
  if (connections < mostConnections) {
    notes.push(
      `${connections} connections instead of ${mostConnections}: more would not fit into this machine's memory`,
    );
  }
  const rows: BuffersRow[] = [];
  const checks: Check[] = [];
  for (const outputBuffers of sizes) {
    const label = `output_buffers ${outputBuffers.count} ${directiveSize(outputBuffers.size)}`;
    const measured = await measure({ ...settings, outputBuffers }, connections, text =>
      options.progress(`${label}: ${text}`),
    );
    const { figures } = await recordScenario({
      ...options,
      scenario: download,
      settings: { ...settings, clientRate: 0, outputBuffers },
      program: 'zerocopy',
      mode: 'off',
      way,
      label,
    });
    rows.push({ ...outputBuffers, ...measured, calls: figures.total, downloadBytes: settings.size });
    checks.push(memoryCheck(label, rows[rows.length - 1], connections));
  }
  if (rows.length > 1) checks.push(callsCheck(rows));
  const table = { connections, rows };
  return {
    report: {
      ...(await heading(options, false)),
      recordings: [],
      comparisons: [],
      checks,
      notes,
      buffers: table,
      copies: null,
    },
    missing: [],
  };
}

/** As many as fit into half of the memory that is free. */
function connectionsFor(sizes: readonly Sizes[]): number {
  const most = Math.max(...sizes.map(({ count, size }) => count * size));
  return Math.max(1, Math.min(mostConnections, Math.floor(freemem() / 2 / most)));
}

async function measure(
  settings: ScenarioSettings & { readonly outputBuffers: Sizes },
  connections: number,
  progress: (text: string) => void,
): Promise<Pick<BuffersRow, 'memoryMb' | 'waitP50Ms' | 'waitP99Ms'>> {
  const { size, clientRate, outputBuffers } = settings;
  progress('starting the server');
  const files = { [fileName]: size, [smallFile]: 'small\n' };
  const server = await TraceServer.start({ program: 'zerocopy', sendfile: false, files, outputBuffers });
  try {
    // what the first requests alone need is not what the connections cost
    await probe(server.url(`/${smallFile}`), () => true, 20);
    await untilQuiet(server.pid);
    const before = memoryOf(server.pid);
    progress(`${connections} slow downloads, and small requests beside them`);
    const pace = clientRate === 0 ? usualPace : clientRate;
    const crowd = startCrowd(server.port, connections, pace);
    let isOver = false;
    const waits = probe(server.url(`/${smallFile}`), () => isOver);
    try {
      await crowd.connected();
      await sleep(window);
    } finally {
      isOver = true;
    }
    const memoryMb = Math.max(0, memoryOf(server.pid) - before) / 1e6;
    const sorted = (await waits).sort((a, b) => a - b);
    await crowd.stop();
    return { memoryMb, waitP50Ms: quantile(sorted, 0.5), waitP99Ms: quantile(sorted, 0.99) };
  } finally {
    await server.stop();
  }
}

function startCrowd(port: number, connections: number, pace: number) {
  const args = [slowClient, `${port}`, target, `${connections}`, `${pace}`, '3600'];
  const child = start(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = gather(child.stdout);
  const errors = gather(child.stderr);
  let hasEnded = false;
  const end = ended(child).then(() => {
    hasEnded = true;
  });
  return {
    connected: () =>
      until(
        () => output.text.includes('connected'),
        () => !hasEnded,
        () => `the slow clients do not get their first bytes: ${errors.text.trim()}`,
      ),
    stop: async () => {
      child.kill('SIGKILL');
      await end;
    },
  };
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

/** What a worker may need beside the buffers, in bytes: each connection's own, and what Node's heap grows by. */
const allowance = 48 * 1e6;

function memoryCheck(label: string, row: BuffersRow, connections: number): Check {
  const most = (row.count * row.size * connections + allowance) / 1e6;
  return {
    name: `${label}: the memory is that of the buffers, and little more`,
    ok: row.memoryMb <= most,
    detail: `${row.memoryMb.toFixed(1)} MB for ${connections} connections; the buffers are ${((row.count * row.size * connections) / 1e6).toFixed(1)} MB`,
  };
}

function callsCheck(rows: readonly BuffersRow[]): Check {
  const calls = rows.map(row => row.calls);
  const [first, last] = [calls[0], calls[calls.length - 1]];
  return { name: 'larger buffers need fewer calls', ok: last < first, detail: calls.join(', ') };
}
