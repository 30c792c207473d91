/** The head of the page: the verdict first, then what was run, and on what. */

import { type Markup, markup } from '../../tools/html/markup.js';
import { bytes, count, counted, seconds } from '../../tools/words.js';
import type { Recording, TraceReport } from '../report.js';

export function summary(report: TraceReport): Markup {
  const { scenario, commandLine } = report;
  return markup`<header><p class="kicker">Zerocopy, system call trace: ${scenario.name}</p>
<h1>${scenario.title}</h1>
${verdict(report)}
<p>${scenario.about}</p>
<ul class="glance">${report.recordings.map(recording => markup`<li><b>${recording.label}:</b> ${glance(recording)}</li>`)}</ul>
<dl>${facts(report).map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
<div><dt>Command</dt><dd><code>${commandLine}</code></dd></div></dl></header>`;
}

function verdict({ checks, comparisons }: TraceReport): Markup {
  const failed = checks.filter(check => !check.ok);
  const words: string[] = [];
  if (failed.length > 0) {
    const which = failed.map(({ name }) => name).join('; ');
    const all = `${count(failed.length)} of ${count(checks.length)} checks`;
    words.push(`${checks.length === 1 ? 'The check' : all} failed: ${which}.`);
  } else if (checks.length > 0) {
    words.push(checks.length === 1 ? 'The check passed.' : `All ${count(checks.length)} checks passed.`);
  }
  words.push(...comparisons.map(({ comparison }) => comparison.verdict));
  if (words.length === 0) return markup``;
  const kind = failed.length > 0 ? 'bad' : checks.length > 0 ? 'good' : 'plain';
  return markup`<div class="verdict ${kind}">${words.map(text => markup`<p>${text}</p>`)}</div>`;
}

const paths: Readonly<Record<Recording['classification']['sendfile'], string>> = {
  off: 'the file was read into the process and written to the socket',
  on: 'the kernel moved the file to the socket by sendfile',
  mixed: 'a part of the bytes was copied through the process, a part went by sendfile',
  none: 'no file was sent',
};

/** A recording in a sentence. */
export function glance({ classification, figures }: Recording): string {
  const { sendfile, copied, bytesBySendfile, eagain, waited, total } = classification;
  const parts = [paths[sendfile]];
  parts.push(`${copied === 0 ? 'no byte was' : `${bytes(copied)} were`} copied into or out of the process`);
  if (bytesBySendfile > 0) parts.push(`${bytes(bytesBySendfile)} stayed in the kernel`);
  parts.push(counted(total, 'system call'));
  if (figures.cpuMs !== null)
    parts.push(`${figures.cpuMs === 0 ? '0 ms' : seconds(figures.cpuMs / 1000)} of processor time`);
  if (eagain > 0) {
    const times = eagain === 1 ? 'once' : `${count(eagain)} times`;
    parts.push(
      `the socket was full ${times}${waited > 0 ? `, and the server waited ${seconds(waited)} for room` : ''}`,
    );
  }
  return `${parts.join('; ')}.`;
}

function facts({ date, machine, servers, recordings }: TraceReport): [string, string][] {
  const recorders = [...new Set(recordings.map(({ recorder }) => recorder))];
  const { processor, cores, memory, kernel, congestionControl, node, loadAverage } = machine;
  const versions = Object.entries(servers).map(([name, version]) => `${name} ${version}`);
  return [
    ['Date', date],
    ...(recorders.length > 0 ? ([['With', recorders.join(' and ')]] as [string, string][]) : []),
    ...(versions.length > 0 ? ([['Servers', versions.join(', ')]] as [string, string][]) : []),
    [
      'Machine',
      `${processor}, ${counted(cores, 'core')}, ${count(memory)} GiB, ${kernel}, TCP with ${congestionControl}, Node ${node}; load ${loadAverage.toFixed(1)}`,
    ],
  ];
}
