import { onSignal } from '../tools/signals.js';
import { Display } from '../transfer/display.js';
import { type HttpTarget, withCredentials } from '../transfer/http/url.js';
import { putFile } from '../transfer/put/put.js';
import { ownFields, type PutSettings } from '../transfer/put/settings.js';
import { reportJson, summaryText } from '../transfer/report.js';
import { print } from './bytes.js';
import { reasonOf } from './failure.js';
import { headerOption, trustOption, urlArgument, userOption } from './http-options.js';
import { bytesOption, checkOnce, numberOption, secondsOption, switchOption } from './option-values.js';
import type { PutOptions } from './put-options.js';
import { blockSizes, timeouts } from './transfer-options.js';

/** `zerocopy put`: uploads a file. The exit code is 1 if it is not there in the end. */
export async function put(options: PutOptions): Promise<void> {
  const settings = settingsOf(options);
  const { json } = options;
  const display = new Display({ json, intervals: settings.interval > 0, bar: process.stderr.isTTY === true });
  onSignal((_, code) => {
    display.end();
    process.exit(code);
  });
  try {
    const { url, status, report } = await putFile(settings, display);
    print(json ? reportJson({ sender: report }) : `${summaryText({ sender: report })}${url}: ${status}\n`);
  } catch (error) {
    // what the server explains its refusal with are lines of their own
    for (const line of `zerocopy: ${reasonOf(error)}`.split('\n')) display.note(line);
    process.exitCode = 1;
  }
}

/** @throws UsageError */
function settingsOf(options: PutOptions): PutSettings {
  checkOnce(options, ['header', '_']);
  return {
    path: options.file,
    target: targetOf(options),
    headers: headerOption(options.header ?? [], 'put', ownFields),
    zeroCopy: switchOption('zero-copy', options, true),
    blockSize: bytesOption('block-size', options['block-size'], blockSizes.least, blockSizes.most),
    rate: bytesOption('rate', options.rate, 0),
    interval: secondsOption('interval', options.interval, 0, timeouts.most),
    retries: numberOption('retries', options.retries, 0, 1000),
    timeoutMs: secondsOption('timeout', options.timeout, 0.1, timeouts.most) * 1000,
    trust: trustOption(options.insecure, options.cacert),
  };
}

function targetOf({ url, user: given }: PutOptions): HttpTarget {
  const target = urlArgument(url);
  if (given === undefined) return target;
  const { user, password } = userOption(given);
  return withCredentials(target, user, password);
}
