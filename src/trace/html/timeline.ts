/** The timelines: a lane for each kind of call, all recordings on one axis. */

import { type Content, joinLines, Markup, markup } from '../../tools/html/markup.js';
import { visible } from '../../tools/visible.js';
import { bytes, count, counted, seconds } from '../../tools/words.js';
import type { Recording } from '../report.js';
import { type Lane, type Mark, marksOf, type Span, type Timeline, timelineOf } from './spans.js';

/** Marks that a lane may have: about one for a pixel of a wide window, fewer where there are many lanes. */
const mostCells = 800;
const cellsOfAll = 2400;
const height = 24;
/** Of the lane of waits, the upper part shows writes that found the socket full. */
const fullHeight = 9;

const lanes: readonly { readonly lane: Lane; readonly name: string; readonly about: string }[] = [
  { lane: 'read', name: 'file reads', about: 'file to process: pread64' },
  { lane: 'write', name: 'socket writes', about: 'process to socket: writev, sendto' },
  { lane: 'sendfile', name: 'sendfile', about: 'file to socket within the kernel' },
  { lane: 'wait', name: 'waiting', about: 'epoll waits: nothing to do until the kernel says so' },
  { lane: 'other', name: 'other calls', about: 'accept, open, stat, log, close' },
];

interface Window {
  readonly from: number;
  readonly to: number;
}

/** The section with the timelines and the first calls of each recording. */
export function timelineSection(recordings: readonly Recording[]): Markup {
  if (recordings.length === 0) return markup``;
  const timeline = timelineOf(recordings);
  const window = { from: 0, to: timeline.total };
  const cells = Math.max(150, Math.min(mostCells, Math.floor(cellsOfAll / recordings.length)));
  return markup`<section aria-labelledby="timelines"><h2 id="timelines">Timelines</h2>
<p>${axisWords(timeline, recordings)}</p>
${legend()}
${recordings.map(
  ({ label }, at) => markup`<figure class="timeline"><figcaption><h3>${label}</h3></figcaption>
${laneRows(timeline.spans[at], window, cells, timeline.unit)}
${axis(window, timeline.unit)}</figure>
`,
)}
<h3>The first calls, one by one</h3>
<p>The same lanes, drawn so large that single calls can be told apart; each on an axis of its own.</p>
<div class="pair">${recordings.map(({ label }, at) => closeUp(label, timeline.spans[at], timeline.unit))}</div>
</section>`;
}

function axisWords({ unit, total }: Timeline, recordings: readonly Recording[]): string {
  const common = recordings.length > 1 ? 'All recordings share one axis' : 'The axis';
  const rule = 'Calls that are less than a pixel apart are one mark, the higher the more of that moment they fill.';
  if (unit === 'order') {
    return `${common}${recordings.length > 1 ? ': the' : ' is the'} order of the calls, up to ${count(total)}, for not all of the recorded traces have times. ${rule}`;
  }
  const isFile = recordings.every(({ program }) => program === 'file');
  const caution = `A recorder slows each call down: lengths are to be compared with one another${isFile ? '' : ', and the figures below were taken without one'}.`;
  return `${common}${recordings.length > 1 ? ', from' : ' goes from'} the first call of a request to the last, up to ${seconds(total)}. ${caution} ${rule}`;
}

function legend(): Markup {
  const entry = (kind: string, name: string, about: string) =>
    markup`<li><svg class="key" viewBox="0 0 12 12" aria-hidden="true"><rect class="${kind}" width="12" height="12"/></svg><b>${name}</b> ${about}</li>`;
  const full = entry('full', 'socket full', 'a write that got EAGAIN, on top of the lane of waiting');
  return markup`<ul class="legend">${lanes.map(({ lane, name, about }) => entry(lane, name, about))}${full}</ul>`;
}

function laneRows(spans: readonly Span[], window: Window, cells: number, unit: Timeline['unit']): Markup {
  const full = spans.filter(span => span.isFull);
  const rows = lanes.map(({ lane, name }) => {
    const own = spans.filter(span => span.lane === lane);
    const summary = laneWords(name, own) + (lane === 'wait' && full.length > 0 ? `; ${fullWords(full.length)}` : '');
    const marks = marksOf(own, window, cells).map(mark => rect(lane, mark, unit, lane === 'wait'));
    const above = lane === 'wait' ? marksOf(full, window, cells).map(mark => rect('full', mark, unit, false)) : [];
    return markup`<div class="lane"><span>${name}</span><svg role="img" viewBox="0 0 ${cells} ${height}" preserveAspectRatio="none"><title>${summary}</title>${marks}${above}</svg></div>
`;
  });
  return markup`<div class="lanes">${rows}</div>`;
}

const fullWords = (times: number) => `a write found the socket full ${times === 1 ? 'once' : `${count(times)} times`}`;

function laneWords(name: string, spans: readonly Span[]): string {
  if (spans.length === 0) return `${name}: no call`;
  const moved = spans.reduce((sum, span) => sum + span.bytes, 0);
  const names = [...new Set(spans.map(span => span.step.name))].join(', ');
  return `${name}: ${counted(spans.length, 'call')} (${names})${moved > 0 ? `, ${bytes(moved)}` : ''}`;
}

/** Numbers are written short, and text is escaped: there are thousands of these in a page. */
function rect(kind: Lane | 'full', mark: Mark, unit: Timeline['unit'], isLow: boolean): Markup {
  const room = isLow ? height - fullHeight - 2 : kind === 'full' ? fullHeight : height;
  const tall = kind === 'full' ? room : Math.max(4, Math.round(room * (0.3 + 0.7 * mark.share)));
  const y = kind === 'full' ? 0 : height - tall;
  const title = markup`${markWords(kind, mark, unit)}`.html;
  return new Markup(
    `<rect class="${kind}" x="${short(mark.x)}" y="${y}" width="${short(mark.width)}" height="${tall}"><title>${title}</title></rect>`,
  );
}

const short = (value: number) => `${Math.round(value * 100) / 100}`;

function markWords(kind: Lane | 'full', mark: Mark, unit: Timeline['unit']): string {
  const what = `${mark.calls > 1 ? `${count(mark.calls)} × ` : ''}${mark.names.join(', ')}`;
  const result = kind === 'full' ? ': EAGAIN' : mark.bytes > 0 ? `: ${bytes(mark.bytes)}` : '';
  if (unit === 'order') return `${what}${result}, call ${count(mark.from + 1)}`;
  return `${what}${result}, at ${seconds(mark.from)}, ${seconds(mark.to - mark.from)}`;
}

function axis(window: Window, unit: Timeline['unit']): Markup {
  const length = window.to - window.from;
  const step = niceStep(length / 6);
  const ticks: Content[] = [];
  for (let at = 0; at * step <= length * 1.0001; at++) {
    const left = ((at * step) / length) * 100;
    const text = unit === 'order' ? count(at * step) : seconds(Number((at * step).toPrecision(6)));
    // a label at either end would stand out of the page if it were in the middle of its tick
    const [side, place] =
      left === 0 ? ['start', 'left:0'] : left > 93 ? ['end', `right:${short(100 - left)}%`] : ['', ''];
    if (side !== '') ticks.push(markup`<span class="${side}" style="${place}">${text}</span>`);
    else if (left <= 86) ticks.push(markup`<span style="left:${short(left)}%">${text}</span>`);
  }
  return markup`<div class="axis" aria-hidden="true"><div>${ticks}</div></div>`;
}

/** 1, 2 or 5 times a power of ten, not below a value. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find(one => one * power >= least * 0.999999) ?? 10;
  return factor * power;
}

const firstCalls = 30;
/** A wait that is longer than all before it ends the close-up, once there is enough to see. */
const enough = 12;

/** The first spans that can be drawn together without one of them taking all the room. */
export function firstSpans(spans: readonly Span[]): readonly Span[] {
  for (let at = enough; at < Math.min(firstCalls, spans.length); at++) {
    const { lane, from, to } = spans[at];
    if (lane === 'wait' && to - from > from) return spans.slice(0, at);
  }
  return spans.slice(0, firstCalls);
}

function closeUp(label: string, all: readonly Span[], unit: Timeline['unit']): Markup {
  const spans = firstSpans(all);
  if (spans.length === 0) return markup`<div><h4>${label}</h4><p>This recording has no call.</p></div>`;
  const end = spans.reduce((latest, span) => Math.max(latest, span.to), 0);
  const window = { from: 0, to: end > 0 ? end : 1 };
  const texts = spans.map((span, at) => {
    const when = unit === 'time' ? ` ${seconds(span.from).padStart(8)}` : '';
    const took = unit === 'time' ? `  (${seconds(span.to - span.from)})` : '';
    return `${`${at + 1}`.padStart(2)}${when}  ${visible(span.step.text)}${took}`;
  });
  return markup`<div><h4>${label}</h4><figure class="timeline close">
${laneRows(spans, window, mostCells, unit)}
${axis(window, unit)}</figure>
${linesBox(`${label}: the first ${count(spans.length)} calls`, texts)}</div>`;
}

/** Lines that scroll within their box; it takes the keyboard's focus, so that it can be scrolled without a mouse. */
export function linesBox(name: string, texts: readonly string[]): Markup {
  return markup`<pre tabindex="0" role="group" aria-label="${name}">${joinLines(texts)}</pre>`;
}
