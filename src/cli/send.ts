import { onSignal } from '../tools/signals.js';
import { parseEndpoint } from '../transfer/connect.js';
import { Display } from '../transfer/display.js';
import { mostStreams } from '../transfer/protocol.js';
import { reportJson, summaryText } from '../transfer/report.js';
import { Sending } from '../transfer/send.js';
import type { SendSettings } from '../transfer/session/settings.js';
import { datagramSizes, defaultDatagramSize } from '../transfer/udp/header.js';
import { largestByPages } from '../transfer/udp/sendfile-source.js';
import { standardRate, suitsZeroCopy } from '../transfer/udp/standard.js';
import { print } from './bytes.js';
import { reasonOf, UsageError } from './failure.js';
import { bytesOption, checkOnce, numberOption, secondsOption, switchOption, wordOption } from './option-values.js';
import type { SendOptions } from './send-options.js';
import { blockSizes, timeouts } from './transfer-options.js';

const defaultPort = 9000;

/** `zerocopy send`: sends files. The exit code is 1 if not all are there in the end. */
export async function send(options: SendOptions): Promise<void> {
  const settings = settingsOf(options);
  const { json } = options;
  const display = new Display({ json, intervals: settings.interval > 0, bar: process.stderr.isTTY === true });
  const sending = new Sending(settings, display);
  let exitCode = 1;
  onSignal((signal, code) => {
    if (exitCode === code || !sending.stop(signal)) process.exit(code);
    exitCode = code;
  });
  if (options.udp && options.rate === undefined) {
    display.note('zerocopy: over UDP files are sent with 100 Mbit/s (12.5 MB a second) where no --rate is given');
  }
  try {
    const report = await sending.run();
    print(json ? reportJson(report) : summaryText(report));
  } catch (error) {
    display.note(`zerocopy: ${reasonOf(error)}`);
    process.exitCode = exitCode;
  }
}

/** @throws UsageError */
function settingsOf(options: SendOptions): SendSettings {
  checkOnce(options, ['files', '_']);
  const { host, port } = endpointOf(options.files);
  const fixedOffset = options['fixed-offset'];
  const size = options.size === undefined ? null : bytesOption('size', options.size, 0);
  checkTransport(options);
  const datagramSize = datagramSizeOf(options);
  return {
    files: options.files.slice(0, -1),
    host,
    port,
    transport: options.udp ? 'udp' : 'tcp',
    zeroCopy: switchOption('zero-copy', options, !options.udp || (suitsZeroCopy(datagramSize) && !options.gso)),
    blockSize: bytesOption('block-size', options['block-size'], blockSizes.least, blockSizes.most),
    streams: numberOption('streams', options.streams, 1, mostStreams),
    rate: options.rate === undefined ? (options.udp ? standardRate : 0) : bytesOption('rate', options.rate, 0),
    resume: options.resume,
    checksum: wordOption('checksum', options.checksum, ['default', 'xxh64', 'sha-256', 'none']),
    fixedOffset,
    size,
    cold: options.cold,
    direct: options.direct,
    sndbuf: bytesOption('sndbuf', options.sndbuf, 0, 2 ** 30),
    rcvbuf: bytesOption('rcvbuf', options.rcvbuf, 0, 2 ** 30),
    timeout: secondsOption('timeout', options.timeout, timeouts.least, timeouts.most) * 1000,
    interval: secondsOption('interval', options.interval, 0, timeouts.most),
    datagramSize,
    gso: options.gso,
  };
}

function endpointOf(words: readonly string[]): { host: string; port: number } {
  const last = words.at(-1);
  if (last === undefined || words.length < 2) {
    throw new UsageError('send needs a file, and where it goes: zerocopy send FILE... HOST:PORT');
  }
  try {
    return parseEndpoint(last, defaultPort);
  } catch (error) {
    throw new UsageError(`the last argument says where the files go: ${reasonOf(error)}`);
  }
}

function datagramSizeOf({ 'datagram-size': text }: SendOptions): number {
  if (text === undefined) return defaultDatagramSize;
  return bytesOption('datagram-size', text, datagramSizes.least, datagramSizes.most);
}

/** @throws UsageError for options that mean nothing to the other transport */
function checkTransport(options: SendOptions): void {
  const forUdp = options.gso ? '--gso' : options['datagram-size'] !== undefined ? '--datagram-size' : '';
  if (!options.udp && forUdp !== '') throw new UsageError(`${forUdp} is for datagrams: give --udp as well`);
  if (options.gso && options['zero-copy']) throw new UsageError('--gso copies: leave out --zero-copy');
  if (options.udp && options.streams !== '1') throw new UsageError('--streams: over UDP there is one');
  if (options.udp && options.direct) throw new UsageError('--direct: not over UDP');
  if (options.udp && options['zero-copy'] && datagramSizeOf(options) > largestByPages) {
    throw new UsageError(`with --zero-copy a datagram has ${largestByPages} bytes at most`);
  }
}
