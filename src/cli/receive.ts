import { statSync } from 'node:fs';
import { isIP } from 'node:net';
import { onSignal } from '../tools/signals.js';
import { type Endpoint, endpointText, parseEndpoint } from '../transfer/connect.js';
import { Display } from '../transfer/display.js';
import { Receiving } from '../transfer/receive.js';
import { reportJson, summaryText } from '../transfer/report.js';
import type { SessionEnd } from '../transfer/session/receiver.js';
import type { Destination, ReceiveSettings } from '../transfer/session/settings.js';
import { nodePath, print, say } from './bytes.js';
import { reasonOf, UsageError } from './failure.js';
import { bytesOption, checkOnce, secondsOption, switchOption } from './option-values.js';
import { fullPath } from './place.js';
import type { ReceiveOptions } from './receive-options.js';
import { blockSizes, timeouts } from './transfer-options.js';

const defaultPort = 9000;

/** `zerocopy receive`: takes files until a signal, or with --once until the first transfer is over. */
export async function receive(options: ReceiveOptions): Promise<void> {
  const settings = settingsOf(options);
  const { json } = options;
  const notes = new Display({ json, intervals: false, bar: false });
  const display = () => new Display({ json, intervals: settings.interval > 0, bar: process.stderr.isTTY === true });
  const receiving = new Receiving(settings, {
    // of several transfers at once, one is shown
    display: isAlone => (isAlone ? display() : notes),
    onNote: text => notes.note(`zerocopy: ${text}`),
    onSessionEnd(end) {
      tell(end, json, notes);
      if (!settings.once) return;
      process.exitCode = end.error === undefined ? 0 : process.exitCode || 1;
      void receiving.stop('--once');
    },
  });
  onSignal((signal, code) => {
    if (process.exitCode === code) process.exit(code);
    process.exitCode = code;
    receiving.stop(signal).then(() => process.exit(code));
  });
  let endpoint: Endpoint;
  try {
    endpoint = receiving.start();
  } catch (error) {
    notes.note(`zerocopy: ${reasonOf(error)}`);
    process.exitCode = 1;
    return;
  }
  say(json ? JSON.stringify({ listening: endpoint }) : readyText(endpoint, settings.destination));
}

function tell({ peer, report, error }: SessionEnd, json: boolean, notes: Display): void {
  if (report !== undefined) print(json ? reportJson(report) : summaryText(report));
  else notes.note(`zerocopy: from ${peer}: ${reasonOf(error)}`);
}

function readyText({ host, port }: Endpoint, destination: Destination): string {
  const where = {
    discard: 'files are dropped',
    memory: 'files are read, and dropped',
    folder: `files go to ${'path' in destination ? destination.path : ''}`,
    file: `one file, to ${'path' in destination ? destination.path : ''}`,
  }[destination.is];
  return `zerocopy: listening on ${endpointText(host, port)} (${where}), Ctrl-C stops`;
}

/** @throws UsageError */
function settingsOf(options: ReceiveOptions): ReceiveSettings {
  checkOnce(options, ['_']);
  return {
    ...listenOf(options.listen),
    destination: destinationOf(options),
    zeroCopy: switchOption('zero-copy', options, true),
    overwrite: options.overwrite,
    once: options.once,
    blockSize: bytesOption('block-size', options['block-size'], blockSizes.least, blockSizes.most),
    direct: options.direct,
    fsync: options.fsync,
    sndbuf: bytesOption('sndbuf', options.sndbuf, 0, 2 ** 30),
    rcvbuf: bytesOption('rcvbuf', options.rcvbuf, 0, 2 ** 30),
    timeout: secondsOption('timeout', options.timeout, timeouts.least, timeouts.most) * 1000,
    interval: secondsOption('interval', options.interval, 0, timeouts.most),
  };
}

function listenOf(text: string): Endpoint {
  // port 0 is one to listen on, though none to connect to
  const isAny = /:0+$/.test(text) && isIP(text) === 0;
  let endpoint: Endpoint;
  try {
    endpoint = parseEndpoint(isAny ? text.replace(/0+$/, `${defaultPort}`) : text, defaultPort);
  } catch (error) {
    throw new UsageError(`--listen ${reasonOf(error)}`);
  }
  const hosts: Readonly<Record<string, string>> = { localhost: '127.0.0.1', '': '0.0.0.0' };
  const host = hosts[endpoint.host] ?? endpoint.host;
  if (isIP(host) === 0) {
    throw new UsageError(`--listen "${text}": give an address of this machine, such as 127.0.0.1, 0.0.0.0 or [::1]`);
  }
  return { host, port: isAny ? 0 : endpoint.port };
}

function destinationOf({ dir, output, discard, memory }: ReceiveOptions): Destination {
  const given = [dir !== undefined, output !== undefined, discard, memory].filter(Boolean).length;
  if (given !== 1) throw new UsageError('where do the files go? Give one of --dir, --output, --discard and --memory');
  if (dir !== undefined) return { is: 'folder', path: checkFolder(dir) };
  if (output !== undefined) return { is: 'file', path: fullPath(output) };
  return { is: discard ? 'discard' : 'memory' };
}

function checkFolder(dir: string): string {
  const folder = fullPath(dir);
  const status = statSync(nodePath(folder), { throwIfNoEntry: false });
  if (status === undefined) throw new UsageError(`--dir: no such folder: ${folder}`);
  if (!status.isDirectory()) throw new UsageError(`--dir: not a folder: ${folder}`);
  return folder;
}
