import { type Interval, inPairs } from '../meter.js';
import type { CallCounts } from '../paths/path.js';
import type { EndReport, UdpFigures } from '../report.js';
import { Fields } from './fields.js';

/** Of a report that goes to the other end: so many intervals, in a line of 64 KB. */
const mostIntervals = 256;
const mostSettings = 64;
const mostCalls = 64;
const longestText = 200;

/**
 * A report as it goes to the other end. Neighbouring intervals are put together until there are few enough; the files are left
 * out, since both ends know them.
 */
export function reportToSend(report: EndReport): EndReport {
  let { intervals } = report;
  while (intervals.length > mostIntervals) intervals = inPairs(intervals);
  return { ...report, intervals, files: [] };
}

/** @throws TransferError (kind peer) where it is no report */
export function readReport(fields: Fields): EndReport {
  const cost = fields.object('cost');
  return {
    role: fields.word('role', ['send', 'receive']),
    transport: fields.word('transport', ['tcp', 'udp']),
    path: fields.text('path', longestText),
    settings: readSettings(fields.object('settings')),
    softErrors: fields.count('softErrors'),
    files: [],
    bytes: fields.count('bytes'),
    seconds: fields.amount('seconds'),
    gigabitsPerSecond: fields.amount('gigabitsPerSecond'),
    intervals: fields.list('intervals', mostIntervals).map(each => readInterval(new Fields(each, 'an interval'))),
    cost: {
      userSeconds: cost.amount('userSeconds'),
      systemSeconds: cost.amount('systemSeconds'),
      peakMemory: cost.amount('peakMemory'),
      calls: readCalls(cost.object('calls')),
    },
    callsPerGigabyte: fields.amount('callsPerGigabyte'),
    ...(fields.has('udp') ? { udp: readUdp(fields.object('udp')) } : {}),
  };
}

function readInterval(fields: Fields): Interval {
  const interval = { start: fields.amount('start'), end: fields.amount('end'), bytes: fields.count('bytes') };
  if (!fields.has('datagrams')) return interval;
  const datagrams = fields.object('datagrams');
  const lost = datagrams.count('lost', Number.MIN_SAFE_INTEGER);
  return { ...interval, datagrams: { sent: datagrams.count('sent'), lost, jitterMs: datagrams.amount('jitterMs') } };
}

function readSettings(fields: Fields): EndReport['settings'] {
  const { names } = fields;
  if (names.length > mostSettings) throw fields.wrong('has too many settings');
  return Object.fromEntries(names.map(name => [name, readSetting(fields, name)]));
}

function readSetting(fields: Fields, name: string): string | number | boolean {
  const value = fields.value(name);
  if (typeof value === 'string') return fields.text(name, longestText);
  return typeof value === 'boolean' ? value : fields.amount(name);
}

function readCalls(fields: Fields): CallCounts {
  const { names } = fields;
  if (names.length > mostCalls) throw fields.wrong('has too many calls');
  return Object.fromEntries(names.map(name => [name, fields.count(name)]));
}

function readUdp(fields: Fields): UdpFigures {
  return {
    sent: fields.count('sent'),
    received: fields.count('received'),
    lost: fields.count('lost'),
    outOfOrder: fields.count('outOfOrder'),
    duplicates: fields.count('duplicates'),
    lossPercent: fields.amount('lossPercent'),
    jitterMs: fields.amount('jitterMs'),
    ...(fields.has('socketDrops') ? { socketDrops: fields.count('socketDrops') } : {}),
    ...(fields.has('strangers') ? { strangers: fields.count('strangers') } : {}),
  };
}
