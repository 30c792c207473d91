import { writeFileSync } from 'node:fs';
import { fixtureText, readFixture } from './fixture.js';
import { grammarDifferences } from './grammar.js';
import { recordScenario } from './record-scenario.js';
import type { Recording } from './report.js';
import type { Mode, Scenario } from './scenario.js';
import { directio } from './scenarios/directio.js';
import { download } from './scenarios/download.js';
import { head } from './scenarios/head.js';
import { keepalive } from './scenarios/keepalive.js';
import { notFound } from './scenarios/not-found.js';
import { notModified } from './scenarios/not-modified.js';
import { query } from './scenarios/query.js';
import { range } from './scenarios/range.js';
import { threads } from './scenarios/threads.js';
import { chooseWay, type Way } from './ways.js';

/** A recorded trace that the suite holds new recordings against. */
export interface Fixture {
  readonly file: string;
  readonly scenario: Scenario;
  readonly mode: Mode;
  readonly size: number;
  readonly clientRate: number;
  /** What happens at the same time comes in any order: kinds of steps are the same, and texts are not. */
  readonly hasThreads?: boolean;
}

const megabyte = 2 ** 20;

function whole(scenario: Scenario, mode: Mode): Fixture {
  return {
    file: `zerocopy-${scenario.name}-${mode}.txt`,
    scenario,
    mode,
    size: scenario.defaultSize,
    clientRate: 0,
  };
}

/** All fixtures of Zerocopy's own. Those with a slow client or threads differ from run to run in their counts, and in nothing else. */
export const fixtures: readonly Fixture[] = (['off', 'on'] as const).flatMap(mode => [
  ...[notModified, query, notFound, range, head, keepalive, directio].map(scenario => whole(scenario, mode)),
  { ...whole(threads, mode), hasThreads: true },
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
    const text = textOf(fixture, await recordFixture(fixture, way, progress));
    writeFileSync(pathIn(folder, fixture.file), text);
  }
  return list.map(({ file }) => file);
}

function recordFixture(fixture: Fixture, way: Way, progress: (text: string) => void): Promise<Recording> {
  const { scenario, mode, size, clientRate, file } = fixture;
  const settings = { size, clientRate };
  return recordScenario({ scenario, settings, mode, program: 'zerocopy', way, label: file, progress });
}

/** A recording in normal form, with a heading that says what it is. */
export function textOf({ scenario, mode, size, clientRate }: Fixture, recording: Recording): string {
  const title = scenario.title({ size, clientRate });
  return fixtureText(
    `${title}, sendfile ${mode}. Recorded by "zerocopy trace record-fixtures", in normal form.`,
    recording.normal,
  );
}

/**
 * Holds the text of a fixture against that of another recording of the same.
 * @returns what differs, a line each: of a slow client or threads only what may happen, else every line
 */
export function fixtureDifferences(
  { clientRate, hasThreads = false }: Pick<Fixture, 'clientRate' | 'hasThreads'>,
  recorded: string,
  again: string,
): string[] {
  if (clientRate === 0 && !hasThreads) return recorded === again ? [] : ['the texts are not the same'];
  return grammarDifferences({ kinds: readFixture(recorded).kinds, transitions: [] }, readFixture(again));
}

function pathIn(folder: string | Buffer, file: string): Buffer {
  return Buffer.concat([Buffer.from(folder), Buffer.from(`/${file}`)]);
}
