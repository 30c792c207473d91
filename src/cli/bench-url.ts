import { writeFileSync } from 'node:fs';
import { urlPage } from '../bench/url/page.js';
import { loadUrl, type UrlSettings } from '../bench/url/run.js';
import { urlText } from '../bench/url/text.js';
import { Interrupt } from '../tools/signals.js';
import { count } from '../tools/words.js';
import type { BenchOptions } from './bench-options.js';
import { checkPlaceOf } from './bench-output.js';
import { nodePath } from './bytes.js';
import { report, UsageError } from './failure.js';
import { headerOption, urlArgument } from './http-options.js';
import { numberOption, secondsOption } from './option-values.js';
import { fullPath } from './place.js';
import { Progress } from './terminal.js';

/** Most connections that autocannon holds with its timers in good order. */
const mostConnections = 10_000;
const mostSeconds = 86_400;

/** `zerocopy bench URL`: a load test of any server by autocannon. */
export async function benchUrl(options: BenchOptions, url: string): Promise<void> {
  const settings = settingsOf(options, url);
  checkPlaceOf(options.html);
  const interrupt = new Interrupt();
  const progress = new Progress();
  const found = await loadUrl(settings, interrupt.signal, (second, answers) =>
    progress.show(`${second} of ${settings.seconds} s: ${count(answers)} requests/s`),
  );
  progress.clear();
  process.stdout.write(options.json ? `${JSON.stringify(found, null, 2)}\n` : urlText(found));
  if (options.html !== undefined) writeFileSync(nodePath(fullPath(options.html)), urlPage(found));
  for (const failure of found.failures) report('error', failure);
  process.exitCode = interrupt.code || (found.failures.length === 0 ? 0 : 1);
}

/** @throws UsageError */
function settingsOf(options: BenchOptions, url: string): UrlSettings {
  const target = urlArgument(url);
  const own = options.range === undefined ? [] : ['range'];
  const fields = headerOption(options.header ?? [], 'bench', own);
  if (target.authorization !== undefined) fields.push({ name: 'Authorization', value: target.authorization });
  const connections = numberOption('connections', options.connections, 1, mostConnections);
  const rate = numberOption('rate', options.rate, 0, 10_000_000);
  return {
    url: target.url,
    // a connection has one request a second at least
    connections: rate === 0 ? connections : Math.min(rate, connections),
    seconds: secondsOption('duration', options.duration ?? '10', 0.1, mostSeconds),
    pipelining: numberOption('pipelining', options.pipelining, 1, 1000),
    rate,
    headers: Object.fromEntries(fields.map(({ name, value }) => [name, value])),
    ...(options.range !== undefined && { range: rangeOption(options.range) }),
    insecure: options.insecure,
    timeout: secondsOption('timeout', options.timeout, 1, mostSeconds),
  };
}

function rangeOption(text: string): string {
  const [isRange, from, to] = /^(\d*)-(\d*)$/.exec(text) ?? [];
  const isEmpty = from === '' && to === '';
  const isBackwards = from !== '' && to !== '' && Number(from) > Number(to);
  if (isRange !== undefined && !isEmpty && !isBackwards) return text;
  throw new UsageError(`--range "${text}": give bytes as 0-65535, 1000- or -500`);
}
