import { readFileSync, writeFileSync } from 'node:fs';
import { foldedLines } from './fold-text.js';
import { grammar, grammarDifferences } from './grammar.js';
import { recordScenario } from './record-scenario.js';
import type { Recording } from './report.js';
import type { Mode, Scenario } from './scenario.js';
import { download } from './scenarios/download.js';
import { head } from './scenarios/head.js';
import { keepalive } from './scenarios/keepalive.js';
import { notFound } from './scenarios/not-found.js';
import { notModified } from './scenarios/not-modified.js';
import { query } from './scenarios/query.js';
import { range } from './scenarios/range.js';
import { chooseWay, type Way } from './ways.js';

/** A recorded trace that the suite holds new recordings against. */
export interface Fixture {
  readonly file: string;
  readonly scenario: Scenario;
  readonly mode: Mode;
  readonly size: number;
  readonly clientRate: number;
}

const megabyte = 2 ** 20;

/** All fixtures of Zerocopy's own. Those with a slow client differ from run to run in their counts, and in nothing else. */
export const fixtures: readonly Fixture[] = (['off', 'on'] as const).flatMap(mode => [
  ...[notModified, query, notFound, range, head, keepalive].map(scenario => ({
    file: `zerocopy-${scenario.name}-${mode}.txt`,
    scenario,
    mode,
    size: scenario.defaultSize,
    clientRate: 0,
  })),
  { file: `zerocopy-download-slow-${mode}.txt`, scenario: download, mode, size: 16 * megabyte, clientRate: 20e6 },
]);

/**
 * Records all fixtures anew.
 * @param folder must be there
 * @returns the names of the files
 * @throws MissingError when strace cannot be used: fixtures do not rest on the server's own word
 */
export async function recordFixtures(
  folder: string | Buffer,
  progress: (text: string) => void,
  list: readonly Fixture[] = fixtures,
): Promise<string[]> {
  const { way } = await chooseWay('strace');
  for (const fixture of list) {
    const text = fixtureText(fixture, await recordFixture(fixture, way, progress));
    writeFileSync(pathIn(folder, fixture.file), text);
  }
  return list.map(({ file }) => file);
}

function recordFixture(fixture: Fixture, way: Way, progress: (text: string) => void): Promise<Recording> {
  const { scenario, mode, size, clientRate, file } = fixture;
  const settings = { size, clientRate };
  return recordScenario({ scenario, settings, mode, program: 'zerocopy', way, label: file, progress });
}

/** Beginning of the lines that are held against a new recording of a slow client. */
const grammarTitle = '# What may happen, whatever the counts:';

/** A recording in normal form, with a heading that says what it is. */
export function fixtureText({ scenario, mode, size, clientRate }: Fixture, recording: Recording): string {
  const title = scenario.title({ size, clientRate });
  const lines = [
    `# ${title}, sendfile ${mode}.`,
    '# Recorded by "zerocopy trace record-fixtures", in normal form.',
    ...foldedLines(recording.folded),
    ...(clientRate === 0 ? [] : [grammarTitle, ...grammar(recording.normal.steps).kinds.map(kind => `# ${kind}`)]),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * Holds one fixture against another recording of the same.
 * @returns what differs, a line each: of a slow client only what may happen, else every line
 */
export function fixtureDifferences(recorded: string, again: string): string[] {
  if (!recorded.includes(grammarTitle)) return recorded === again ? [] : ['the texts are not the same'];
  return grammarDifferences({ kinds: kindsOf(recorded), transitions: [] }, { kinds: kindsOf(again) });
}

function kindsOf(text: string): string[] {
  const lines = text.trimEnd().split('\n');
  return lines.slice(lines.indexOf(grammarTitle) + 1).map(line => line.slice(2));
}

export function readFixture(folder: string, file: string): string {
  return readFileSync(`${folder}/${file}`, 'utf8');
}

function pathIn(folder: string | Buffer, file: string): Buffer {
  return Buffer.concat([Buffer.from(folder), Buffer.from(`/${file}`)]);
}
