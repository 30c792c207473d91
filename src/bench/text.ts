import { noisySpread, type Summary } from '../tools/statistics.js';
import { wrapped } from '../tools/terminal-lines.js';
import { count, counted } from '../tools/words.js';
import { machineLine } from './machine-line.js';
import { type MetricName, metrics } from './metrics.js';
import { referencePeer } from './peers/all.js';
import type { Report, Row, TargetResult, WorkloadReport } from './report.js';
import { nameWidth, table } from './table.js';
import { agreed, type WrkAgreement } from './wrk-agreement.js';

/** A comparison for people. */

const lineWidth = 110;
/** Below this a spread says little. */
const goodRounds = 5;

export function reportText(report: Report): string {
  const lines = [
    `Zerocopy ${report.versions.zerocopy}, ${report.date}${report.partial ? ': PARTIAL, it was interrupted' : ''}`,
    ...factsOf(report).flatMap(([name, text]) => wrapLine(text, name)),
    ...report.workloads.flatMap(workload => ['', ...workloadLines(workload)]),
    '',
    ...notesOf(report).flatMap(note => wrapLine(note, 'note')),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

/** What the figures depend on, as pairs: the page shows them as well. */
export function factsOf(report: Report): [name: string, text: string][] {
  const { machine, plan, versions, cores, peers, missing, workloads } = report;
  const clients = ['our own client (requests/s, Gbit/s)'];
  if (versions.autocannon !== undefined) clients.unshift(`autocannon ${versions.autocannon} (latency)`);
  if (versions.wrk !== undefined) clients.push(`wrk ${versions.wrk} (to check it)`);
  const place =
    cores === undefined
      ? 'nothing is bound to a core'
      : `servers on core ${cores.server}, clients on core ${cores.client}`;
  const slow = workloads.some(({ rounds }) => rounds < plan.rounds) ? ` (with slow clients ${plan.slowRounds})` : '';
  const servers = new Set(peers.map(({ name, version }) => `${name} ${version}`.trim()));
  return [
    ['machine', machineLine(machine)],
    ['cores', `${place}; over the loopback, files in the page cache`],
    ['clients', clients.join(', ')],
    ['rounds', `${plan.rounds}${slow}, the servers in turn; median ± spread (interquartile range / median)`],
    ['servers', [...servers].join(', ')],
    ...settingsOf(peers),
    ...tlsFactsOf(report),
    ...(missing.length === 0 ? [] : [['not installed', missing.join(', ')] as [string, string]]),
  ];
}

/** Who has had the kernel encrypt. */
function tlsFactsOf({ workloads }: Report): [string, string][] {
  const rows = workloads.flatMap(workload => (workload.tls === undefined ? [] : workload.rows));
  if (rows.length === 0) return [];
  const names = [...new Set(rows.filter(({ ktls }) => ktls).map(({ peer }) => peer))];
  const use = names.length === 0 ? 'was not in use' : `was in use by ${names.join(', ')}`;
  return [
    ['HTTPS', `encryption by the kernel (kTLS) ${use}; one cipher for all, chosen by our client; sessions by tickets`],
  ];
}

/** Servers with the same settings share a line. */
function settingsOf(peers: Report['peers']): [names: string, settings: string][] {
  const names = new Map<string, string[]>();
  for (const { name, settings } of peers) names.set(settings, [...(names.get(settings) ?? []), name]);
  return [...names].map(([settings, those]) => ['settings', `${those.join(', ')}: ${settings}`]);
}

export function notesOf(report: Report): string[] {
  const { workloads, plan, peers } = report;
  const notes = [...new Set(peers.flatMap(peer => peer.notes))];
  const all = workloads.flatMap(workload => workload.rows);
  if (all.some(({ noisy }) => noisy.length > 0)) {
    notes.push(`"noise" stands where the spread is above ${noisySpread * 100} %: run it again on a quiet machine.`);
  }
  if (all.some(row => row.clientLimited)) {
    notes.push(
      '"client at its limit": our own client took its whole core, so that the server might do more than is shown.',
    );
  }
  if (plan.rounds < goodRounds) notes.push(`${counted(plan.rounds, 'round')}: good for a look, not for a comparison.`);
  const requests = all.reduce((sum, row) => sum + row.requests, 0);
  const hashed = all.reduce((sum, row) => sum + row.hashed, 0);
  notes.push(
    `Of ${counted(requests, 'answer')} status and length were checked, and of ${count(hashed)} bodies the SHA-256 too, beside one look at everything before the first round.`,
  );
  return notes;
}

function workloadLines(workload: WorkloadReport): string[] {
  const { name, title, about, rows, skipped, wrk } = workload;
  const head = `${name}: ${title}`;
  if (skipped !== undefined) return [head, `  not measured: ${skipped}`];
  const ranked = rows.filter(row => row.failure === undefined && Object.keys(row.figures).length > 0);
  return [
    head,
    ...wrapped(about, lineWidth, '  ').map(({ text }) => text),
    ...(ranked.length > 0 ? table(tableOf(workload, ranked)) : []),
    ...rows.flatMap(({ peer, failure }) =>
      failure === undefined ? [] : wrapLine(`not ranked: ${failure}`, `  ${peer}`),
    ),
    ...(wrk === undefined ? [] : ['', ...agreementLines(wrk)]),
  ];
}

function tableOf({ metrics: names }: WorkloadReport, rows: readonly Row[]): string[][] {
  const hasRatio = rows.some(row => row.ratio !== undefined);
  const [first, ...others] = names.map(name => metrics[name].label);
  const head = ['', first!, ...(hasRatio ? [`/ ${referencePeer}`] : []), ...others, ''];
  return [
    head,
    ...rows.map(row => {
      const [one, ...rest] = names.map(name => figureText(row.figures[name], name));
      const ratio = hasRatio ? [row.ratio?.toFixed(2) ?? ''] : [];
      return [row.peer, one!, ...ratio, ...rest, remarksOf(row, names)];
    }),
  ];
}

/** What has to be said of a row: which of its figures are noise, and whether the client was the limit. */
export function remarksOf({ noisy, clientLimited, ktls, target }: Row, names: readonly MetricName[]): string {
  const labels = noisy.length > names.length / 2 ? '' : `: ${noisy.map(name => metrics[name].label).join(', ')}`;
  const remarks = noisy.length === 0 ? [] : [`noise${labels}`];
  if (ktls === true) remarks.unshift('kTLS');
  if (target !== undefined) remarks.unshift(targetText(target));
  return [...remarks, ...(clientLimited ? ['client at its limit'] : [])].join('; ');
}

/** `1.021 of nginx's, target 1.05`. */
function targetText({ beside, ratio, most, isMet }: TargetResult): string {
  return `${ratio.toFixed(3)} of ${beside}'s, ${isMet ? 'target' : 'ABOVE the target'} ${most}`;
}

/** `120,331 ±  2 %`. */
export function figureText(summary: Summary | undefined, name: MetricName): string {
  if (summary === undefined) return '';
  const { digits } = metrics[name];
  return `${fixed(summary.median, digits)} ±${`${(summary.spread * 100).toFixed(0)} %`.padStart(5)}`;
}

function fixed(value: number, digits: number): string {
  return digits === 0 ? count(Math.round(value)) : value.toFixed(digits);
}

/** How our own client and wrk agree. */
export function agreementText({ distance, swapped }: WrkAgreement): string {
  const figures = `The two differ by ${(distance * 100).toFixed(0)} % at most${distance > agreed ? `, which is more than ${agreed * 100} %` : ''}`;
  if (swapped.length === 0) return `${figures}, and the ranking is the same.`;
  const pairs = swapped.map(([better, worse]) => `${better} before ${worse}`).join(', ');
  return `${figures}, and wrk has another ranking: here it is ${pairs}.`;
}

function agreementLines(agreement: WrkAgreement): string[] {
  const head = ['  wrk, in the same rounds', 'our client', 'wrk', 'ours / wrk'];
  const rows = agreement.rows.map(({ peer, ours, wrk, ratio }) => {
    return [`  ${peer}`, figureText(ours, 'rate'), figureText(wrk, 'rate'), ratio.toFixed(2)];
  });
  return [...table([head, ...rows]), `  ${agreementText(agreement)}`];
}

function wrapLine(text: string, name: string): string[] {
  return wrapped(text, lineWidth, ' '.repeat(nameWidth), `${name} `.padEnd(nameWidth)).map(line => line.text);
}
