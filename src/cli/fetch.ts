import { onSignal } from '../tools/signals.js';
import { Display } from '../transfer/display.js';
import { Fetching } from '../transfer/fetch/fetch.js';
import { ownFields } from '../transfer/fetch/request.js';
import { type FetchSettings, isToOutput, mostStreams } from '../transfer/fetch/settings.js';
import { basicAuthorization } from '../transfer/http/url.js';
import { reportJson, summaryText } from '../transfer/report.js';
import { print } from './bytes.js';
import { reasonOf, UsageError } from './failure.js';
import type { FetchOptions } from './fetch-options.js';
import { headerOption, trustOption, urlArgument, userOption } from './http-options.js';
import { bytesOption, checkOnce, numberOption, secondsOption, switchOption } from './option-values.js';
import { blockSizes, timeouts } from './transfer-options.js';

/** Hexadecimal digits of each sum. */
const digits = { 'sha-256': 64, xxh64: 16 };

/** `zerocopy fetch`: downloads files. The exit code is 1 if not all are there in the end. */
export async function fetch(options: FetchOptions): Promise<void> {
  const settings = settingsOf(options);
  for (const url of options.urls) urlArgument(url);
  const { json, urls } = options;
  const interval = secondsOption('interval', options.interval, 0, timeouts.most);
  const isPiped = isToOutput(settings);
  const intervals = interval > 0 && !isPiped;
  const display = new Display({ json, intervals, bar: process.stderr.isTTY === true });
  const fetching = new Fetching(urls, settings, display, interval);
  let exitCode = 1;
  onSignal((signal, code) => {
    if (exitCode === code) process.exit(code);
    exitCode = code;
    fetching.stop(signal);
  });
  const { report, failures } = await fetching.run();
  for (const failure of failures) display.note(`zerocopy: ${reasonOf(failure)}`);
  if (failures.length > 0) process.exitCode = exitCode;
  if (json) print(reportJson({ receiver: report }));
  else if (!isPiped && report.files.length > 0) print(summaryText({ receiver: report }));
}

/** @throws UsageError */
function settingsOf(options: FetchOptions): FetchSettings {
  checkOnce(options, ['urls', 'header', '_']);
  const settings = {
    output: options.output ?? '',
    dir: options.dir,
    streams: numberOption('streams', options.streams, 1, mostStreams),
    resume: options.resume,
    overwrite: options.overwrite,
    fsync: options.fsync,
    checksum: checksumOf(options),
    zeroCopy: switchOption('zero-copy', options, true),
    blockSize: bytesOption('block-size', options['block-size'], blockSizes.least, blockSizes.most),
    rate: bytesOption('rate', options.rate, 0),
    retries: numberOption('retries', options.retries, 0, 1000),
    timeoutMs: secondsOption('timeout', options.timeout, 0.1, timeouts.most) * 1000,
    maxRedirects: numberOption('max-redirects', options['max-redirects'], 0, 1000),
    headers: headerOption(options.header ?? [], 'fetch', ownFields),
    authorization: authorizationOf(options),
    trust: trustOption(options.insecure, options.cacert),
  };
  checkOutput(settings, options);
  return settings;
}

/** @throws UsageError for options that mean nothing together */
function checkOutput(settings: FetchSettings, { urls, output, json }: FetchOptions): void {
  if (output === '') throw new UsageError('--output: give a name');
  if (urls.length > 1 && output !== undefined) throw new UsageError('--output is for one URL');
  if (urls.length > 1 && settings.checksum !== null && settings.checksum.expected !== '') {
    throw new UsageError('--checksum with a sum is for one URL');
  }
  if (!isToOutput(settings)) return;
  const { streams, resume, checksum, fsync } = settings;
  const refused = { '--streams': streams > 1, '--resume': resume, '--checksum': checksum !== null, '--fsync': fsync };
  for (const [name, isGiven] of Object.entries({ ...refused, '--json': json })) {
    if (isGiven) throw new UsageError(`${name} does not go with --output -: only a file can have that`);
  }
}

function checksumOf({ checksum }: FetchOptions): FetchSettings['checksum'] {
  if (checksum === undefined) return null;
  const [, name = '', , sum = ''] = /^(sha-256|xxh64)(=([0-9a-fA-F]+))?$/.exec(checksum) ?? [];
  if (name !== 'sha-256' && name !== 'xxh64') {
    throw new UsageError(`--checksum "${checksum}": give sha-256, sha-256=HEX, xxh64 or xxh64=HEX`);
  }
  if (sum !== '' && sum.length !== digits[name]) {
    throw new UsageError(
      `--checksum: a ${name} sum has ${digits[name]} hexadecimal digits, and this has ${sum.length}`,
    );
  }
  return { algorithm: name, expected: sum.toLowerCase() };
}

function authorizationOf({ user: given }: FetchOptions): string {
  if (given === undefined) return '';
  const { user, password } = userOption(given);
  return basicAuthorization(user, password);
}
