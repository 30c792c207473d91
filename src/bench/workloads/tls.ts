import { type Secured, secured, type TlsVersion } from '../secured.js';
import { type FileName, fileSizes } from '../workplace.js';
import { aboutDownloads, measureDownloads, warmUpWithDownloads } from './downloads.js';
import { load, sampleOf, warmUpWithRequests } from './load.js';
import { megabytes, wholeFile } from './requests.js';
import { askFor, type Plan, type Sample, type Turn, type Workload } from './workload.js';

/**
 * HTTPS. The client has as much to do as the server, and mostly more: what is compared is what each server needs of its processor, and
 * so it decides the ranking wherever the work is that of OpenSSL or of the kernel alone.
 */

/** nginx's CPU time a gigabyte, and so much more at most. */
const target = { metric: 'cpuGigabyte', most: 1.05 } as const;
/** Enough that the server always has something to do: a handshake takes its core and not its patience. */
const handshaking = 10;
/** Of the seconds of a load: what a server of Node runs for a connection is compiled later than what it runs for a request. */
const warmUpShare = 2;
const large: FileName = '100m.bin';
const small: FileName = '1k.bin';

/** `tls-` is TLS 1.3, `tls12-` is TLS 1.2. */
const versions: readonly (readonly [prefix: string, version: TlsVersion, name: string])[] = [
  ['tls', 'TLSv1.3', 'TLS 1.3'],
  ['tls12', 'TLSv1.2', 'TLS 1.2'],
];

function downloads(prefix: string, version: TlsVersion, name: string): Workload {
  return {
    ...{
      name: `${prefix}-100m`,
      title: `A file of 100 MB over ${name}`,
      files: [large],
      asks: wholeFile(large),
      target,
    },
    secured: { version, connections: 'kept' },
    about: plan => `${aboutDownloads(plan, large)}, decrypted by our own client; ${workOf(version)}`,
    metrics: ['cpuGigabyte', 'gigabits', 'memory'],
    rounds: plan => plan.rounds,
    warmUp: warmUpWithDownloads,
    measure: turn => measureDownloads(turn, large),
  };
}

function requests(prefix: string, version: TlsVersion, name: string): Workload {
  return {
    ...{ name: `${prefix}-1k`, title: `A file of 1 KB over ${name}`, files: [small], asks: wholeFile(small) },
    secured: { version, connections: 'kept' },
    about: ({ connections, seconds }) =>
      `${connections} connections for ${seconds} s: our own client; ${workOf(version)}`,
    metrics: ['rate', 'cpuRequest', 'memory'],
    rounds: plan => plan.rounds,
    warmUp: warmUpWithRequests,
    async measure(turn) {
      const { connections, seconds } = turn.plan;
      const loaded = await load(turn, { connections, seconds, times: 0 });
      const values = {
        rate: loaded.rate,
        cpuRequest: loaded.cpu / 1000 / loaded.requests,
        memory: megabytes(turn.peer),
      };
      return { values, ...sampleOf(loaded) };
    },
  };
}

function handshakes(prefix: string, version: TlsVersion, name: string, connections: 'full' | 'resumed'): Workload {
  const title =
    connections === 'full' ? `Whole handshakes of ${name}` : `Handshakes of ${name} that take up a session again`;
  return {
    ...{ name: `${prefix}-${connections}`, title, files: [small] },
    secured: { version, connections },
    about: plan => `${aboutHandshakes(plan)}; ${workOf(version)}`,
    metrics: ['cpuHandshake', 'handshakes', 'memory'],
    rounds: plan => plan.rounds,
    asks: async (_peer, place) => [
      askFor(small, { status: 200, length: fileSizes[small], sha256: place.sha256(small) }, 'Connection: close\r\n'),
    ],
    warmUp: turn => loadHandshakes(turn, warmUpShare * turn.plan.seconds),
    measure: measureHandshakes,
  };
}

function aboutHandshakes({ seconds }: Plan): string {
  return `${handshaking} connections at once for ${seconds} s, a new one for each request of 1 KB, by our own client`;
}

function loadHandshakes(turn: Turn, seconds: number): ReturnType<typeof load> {
  return load(turn, { connections: handshaking, seconds, times: 0 });
}

async function measureHandshakes(turn: Turn): Promise<Sample> {
  const loaded = await loadHandshakes(turn, turn.plan.seconds);
  const cpuHandshake = loaded.cpu / 1e6 / loaded.requests;
  return { values: { cpuHandshake, handshakes: loaded.rate, memory: megabytes(turn.peer) }, ...sampleOf(loaded) };
}

/** The work that is the same for all servers. */
function workOf(version: TlsVersion): string {
  return `${secured.ciphers[version]}, ${secured.group}, ${secured.key}`;
}

export const tlsWorkloads: readonly (Workload & { readonly secured: Secured })[] = versions.flatMap(each => [
  downloads(...each),
  requests(...each),
  handshakes(...each, 'full'),
  handshakes(...each, 'resumed'),
]) as (Workload & { readonly secured: Secured })[];
