/** The way of the bytes from the disk to the network: which arrows were used, and by how much. */

import { type Content, type Markup, markup } from '../../tools/html/markup.js';
import { bytes, count } from '../../tools/words.js';
import { isClientWrite, isFileRead, isKernelMove } from '../normalise.js';
import type { CopyPath, Place, Recording, TraceReport } from '../report.js';
import type { Step } from '../steps.js';

/** What went along one arrow. */
interface Flow {
  readonly bytes: number;
  readonly calls: number;
  /** Names of the calls; '' where no call does it. */
  readonly by: string;
  /** False where nobody has counted it. */
  readonly isCounted: boolean;
}

interface Flows {
  readonly disk: Flow;
  readonly read: Flow;
  readonly write: Flow;
  readonly sendfile: Flow;
  readonly network: Flow;
}

const uncounted: Flow = { bytes: 0, calls: 0, by: '', isCounted: false };

/** The section with a diagram for each recording. */
export function copiesSection({ recordings, copies }: TraceReport): Markup {
  if (recordings.length === 0) return markup``;
  return markup`<section aria-labelledby="copies"><h2 id="copies">The way of the bytes</h2>
<p>Counted are the bytes that system calls returned: what reads brought into the process, what writes took out of it, and what
sendfile moved. Grey arrows were not used. Dashed arrows are what the kernel is known to do and a trace of system calls does
not show: the disk and the network card fetch or deliver by DMA, without the processor. The disk is read only where the
page cache does not have the pages yet, and on the loopback there is no network card.</p>
<div class="copied pair">${recordings.map((recording, at) =>
    diagram(recording, copies?.find(path => path.recording === at) ?? null, at),
  )}</div></section>`;
}

function diagram(recording: Recording, path: CopyPath | null, at: number): Markup {
  const flows = path === null ? flowsOf(recording) : flowsOfHops(path);
  const copied = path?.copiedByProcessor ?? flows.read.bytes + flows.write.bytes;
  return markup`<figure class="copies"><figcaption><h3>${recording.label}</h3>
<p>${copied === 0 ? 'No byte was' : `${bytes(copied)} were`} copied into or out of the process${
    flows.sendfile.bytes > 0
      ? `; ${bytes(flows.sendfile.bytes)} went from the file to the socket within the kernel`
      : ''
  }.</p></figcaption>
${picture(flows, `c${at}`)}</figure>`;
}

function flowsOf({ normal }: Recording): Flows {
  const { steps } = normal;
  return {
    disk: uncounted,
    read: flowOf(steps.filter(isFileRead)),
    write: flowOf(steps.filter(step => isClientWrite(step) && !isKernelMove(step))),
    sendfile: flowOf(steps.filter(isKernelMove)),
    network: uncounted,
  };
}

function flowOf(steps: readonly Step[]): Flow {
  const names = new Map<string, number>();
  for (const { name } of steps) names.set(name, (names.get(name) ?? 0) + 1);
  const by = [...names].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  const moved = steps.reduce((sum, step) => sum + Math.max(0, step.result), 0);
  return { bytes: moved, calls: steps.length, by: by.join(', '), isCounted: true };
}

function flowsOfHops({ hops }: CopyPath): Flows {
  const find = (from: Place, to: Place): Flow => {
    const found = hops.filter(hop => hop.from === from && hop.to === to);
    if (found.length === 0) return { bytes: 0, calls: 0, by: '', isCounted: true };
    return {
      bytes: found.reduce((sum, hop) => sum + hop.bytes, 0),
      calls: found.reduce((sum, hop) => sum + hop.calls, 0),
      by: [...new Set(found.map(hop => hop.by))].filter(by => by !== '').join(', '),
      isCounted: found.every(hop => hop.counted),
    };
  };
  return {
    disk: find('disk', 'page cache'),
    read: find('page cache', 'user space'),
    write: find('user space', 'socket'),
    sendfile: find('page cache', 'socket'),
    network: find('socket', 'network'),
  };
}

const width = 440;
const tall = 446;
const left = 100;
const right = width - left;

function picture(flows: Flows, id: string): Markup {
  const most = Math.max(1, flows.read.bytes, flows.write.bytes, flows.sendfile.bytes);
  const draw = (kind: string, flow: Flow, path: string) => arrow(kind, flow, path, most, id);
  return markup`<svg role="img" aria-labelledby="${id}-t ${id}-d" viewBox="0 0 ${width} ${tall}"><title id="${id}-t">From the disk to the network</title><desc id="${id}-d">${describe(flows)}</desc>
<defs>${['read', 'write', 'sendfile', 'device', 'unused'].map(kind => head(kind, id))}</defs>
<rect class="band" x="1" y="1" width="${width - 2}" height="84" rx="8"/><text class="band-name" x="12" y="20">user space</text>
<rect class="band" x="1" y="183" width="${width - 2}" height="142" rx="8"/><text class="band-name" x="12" y="202">kernel</text>
${box(left - 60, 30, width - 2 * (left - 60), 'the server\u2019s buffers')}
${box(left - 80, 222, 160, 'page cache')}${box(right - 80, 222, 160, 'socket buffer')}
${box(left - 80, 398, 160, 'disk')}${box(right - 80, 398, 160, 'network card')}
${draw('device', flows.disk, `M${left} 396V274`)}${label(flows.disk, left + 12, 352, 'DMA')}
${draw('read', flows.read, `M${left} 220V82`)}${label(flows.read, left + 12, 106, 'read')}
${draw('write', flows.write, `M${right} 74V214`)}${label(flows.write, right - 12, 148, 'write', 'end')}
${draw('sendfile', flows.sendfile, `M${left + 40} 268Q${width / 2} 312 ${right - 40} 273`)}${label(flows.sendfile, width / 2, 317, 'sendfile', 'middle')}
${draw('device', flows.network, `M${right} 266V390`)}${label(flows.network, right - 12, 352, 'DMA', 'end')}
</svg>`;
}

function box(x: number, y: number, wide: number, name: string): Markup {
  return markup`<rect class="box" x="${x}" y="${y}" width="${wide}" height="44" rx="5"/><text class="box-name" x="${x + wide / 2}" y="${y + 27}" text-anchor="middle">${name}</text>`;
}

const isUsed = (flow: Flow) => flow.bytes > 0 || !flow.isCounted;

function head(kind: string, id: string): Markup {
  return markup`<marker id="${id}-${kind}" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="13" markerHeight="13" markerUnits="userSpaceOnUse" orient="auto"><path class="head ${kind}" d="M0 0L10 5L0 10z"/></marker>`;
}

/** As thick as the part of the bytes that went along it. */
function arrow(kind: string, flow: Flow, path: string, most: number, id: string): Markup {
  const shown = isUsed(flow) ? kind : 'unused';
  const thick = flow.bytes === 0 || !flow.isCounted ? 2 : 2 + 5 * Math.min(1, flow.bytes / most);
  const dashes = flow.isCounted ? markup`` : markup` stroke-dasharray="5 4"`;
  return markup`<path class="arrow ${shown}" d="${path}" stroke-width="${Math.round(thick * 10) / 10}"${dashes} marker-end="url(#${id}-${shown})"/>`;
}

/** Two lines beside an arrow: bytes, and the calls that moved them. */
function label(flow: Flow, x: number, y: number, otherwise: string, place = 'start'): Markup {
  const [top, bottom] = labelWords(flow, otherwise);
  const line = (kind: string, words: string, dy: number): Content =>
    markup`<text class="${kind}" x="${x}" y="${y + dy}" text-anchor="${place}">${words}</text>`;
  if (place === 'middle')
    return markup`${line(isUsed(flow) ? 'amount' : 'idle', `${top}${bottom === '' ? '' : `, ${bottom}`}`, -1)}`;
  return markup`${line(isUsed(flow) ? 'amount' : 'idle', top, 0)}${line('by', bottom, 16)}`;
}

function labelWords(flow: Flow, otherwise: string): [string, string] {
  if (!isUsed(flow)) return [`${otherwise}: not used`, ''];
  if (!flow.isCounted) return [otherwise, 'not counted'];
  if (flow.by === '') return [bytes(flow.bytes), ''];
  const [first, ...more] = flow.by.split(', ');
  return [bytes(flow.bytes), `${first}${more.length > 0 ? ' …' : ''} × ${count(flow.calls)}`];
}

function describe(flows: Flows): string {
  const words = (name: string, flow: Flow) => {
    if (!flow.isCounted) return `${name}: by the device, not counted.`;
    if (flow.bytes === 0) return `${name}: not used.`;
    return `${name}: ${bytes(flow.bytes)}${flow.by === '' ? '' : ` in ${count(flow.calls)} calls of ${flow.by}`}.`;
  };
  return [
    words('Disk to page cache', flows.disk),
    words('Page cache to user space', flows.read),
    words('User space to socket buffer', flows.write),
    words('Page cache to socket buffer within the kernel', flows.sendfile),
    words('Socket buffer to network card', flows.network),
  ].join(' ');
}
