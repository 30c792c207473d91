import { fileURLToPath } from 'node:url';
import { ask } from '../clients/ask.js';
import { Histogram, type HistogramData } from '../histogram.js';
import { runPinned } from '../pinning.js';
import { wholeFile } from '../workloads/requests.js';
import { askFor, longSeconds, type Sample, type Turn, type Workload, WrongAnswer } from '../workloads/workload.js';
import { type FileName, fileSizes } from '../workplace.js';

const steadyClient = fileURLToPath(new URL('../cold/steady-client.js', import.meta.url));
const streams = 4;
/** Milliseconds between two requests for the small file. */
const interval = 5;
/** What a client may take longer than it was told to (ms). */
const grace = 60_000;
const small: FileName = '1k.bin';

/** What one small request has to wait for beside a few that want all that there is. */
export function tailBeside(large: FileName, size: string): Workload {
  return {
    name: 'tail',
    title: `1 KB beside ${streams} downloads of ${size}`,
    files: [small, large],
    metrics: ['p99', 'p50', 'gigabits'],
    // p99 is to be of some hundred requests
    about: plan =>
      `${streams} connections download as fast as they can; one client asks for 1 KB each ${interval} ms, for ${longSeconds(plan)} s`,
    rounds: plan => plan.rounds,
    asks: wholeFile(small),
    warmUp: turn => measure(turn, large),
    measure: turn => measure(turn, large),
  };
}

export const tail = tailBeside('1g.bin', '1 GB');

async function measure(turn: Turn, large: FileName): Promise<Sample> {
  const { peer, plan, signal } = turn;
  const seconds = longSeconds(plan);
  const asks = [askFor(large, { status: 200, length: fileSizes[large] })];
  // the streams begin before the small requests do, and go on behind them
  const downloads = ask(
    { port: peer.port, asks, connections: streams, seconds: seconds + 1, times: 0, sampleEvery: 1000 },
    signal,
  );
  const args = [steadyClient, `${peer.port}`, `/${small}`, `${interval}`, `${seconds}`];
  const [loaded, output] = await Promise.all([
    downloads,
    runPinned(process.execPath, args, seconds * 1000 + grace, signal),
  ]);
  if (loaded.problem !== undefined) throw new WrongAnswer(loaded.problem);
  const latency = JSON.parse(output) as HistogramData;
  const histogram = new Histogram().merge(latency);
  const values = {
    p99: histogram.quantile(0.99) / 1000,
    p50: histogram.quantile(0.5) / 1000,
    gigabits: (loaded.bytes * 8) / 1e9 / loaded.seconds,
  };
  return { values, requests: loaded.requests, hashed: 0, clientLoad: loaded.clientLoad, latency };
}
