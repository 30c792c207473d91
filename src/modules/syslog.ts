/** `syslog:server=…`: logs that are sent to a syslog server, for `access_log` and `error_log`. */
import type { ParseContext, SyslogServer } from '../conf/directive.js';
import { parseInteger } from '../conf/values.js';

/** In the order of their numbers. */
const FACILITIES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'intern', 'lpr', 'news', 'uucp', 'clock', 'authpriv', 'ftp'],
  ...['ntp', 'audit', 'alert', 'cron', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
];
const SEVERITIES = ['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug'];
const PREFIX = 'syslog:';
const PORT = 514;
const LONGEST_TAG = 32;

/** What has been read so far. */
type Parts = { -readonly [K in keyof SyslogServer]?: SyslogServer[K] | undefined };

/** Whether what stands for a file is a syslog server. */
export function isSyslog(text: string): boolean {
  return text.startsWith(PREFIX);
}

export function parseSyslog(text: string, cx: ParseContext): SyslogServer {
  const parts: Parts = {};
  for (const word of text.slice(PREFIX.length).split(',')) readPart(word, parts, cx);
  const { host, port = PORT, facility = FACILITIES.indexOf('local7'), severity = SEVERITIES.indexOf('info') } = parts;
  if (host === undefined) return cx.fail('no syslog server specified');
  const { tag = 'zerocopy', namesHost = true } = parts;
  const { file, line } = cx.node;
  return { host, port, facility, severity, tag, namesHost, file, line };
}

function readPart(word: string, parts: Parts, cx: ParseContext): void {
  const at = word.indexOf('=');
  const [key, value] = [word.slice(0, at), word.slice(at + 1)];
  switch (key) {
    case 'server':
      refuseSecond(parts.host, key, cx);
      [parts.host, parts.port] = parseServer(value, cx);
      return;
    case 'facility':
    case 'severity': {
      refuseSecond(parts[key], key, cx);
      const number = (key === 'facility' ? FACILITIES : SEVERITIES).indexOf(value);
      parts[key] = number < 0 ? cx.fail(`unknown syslog ${key} "${value}"`) : number;
      return;
    }
    case 'tag':
      refuseSecond(parts.tag, key, cx);
      if (value.length > LONGEST_TAG) cx.fail(`syslog tag length exceeds ${LONGEST_TAG}`);
      if (!/^\w*$/.test(value)) cx.fail('syslog "tag" only allows alphanumeric characters and underscore');
      parts.tag = value;
      return;
    default:
      if (word !== 'nohostname') cx.fail(`unknown syslog parameter "${word}"`);
      parts.namesHost = false;
  }
}

function refuseSecond(before: unknown, key: string, cx: ParseContext): void {
  if (before !== undefined) cx.fail(`duplicate syslog "${key}"`);
}

/** `unix:PATH`, or an address or a name with or without a port. */
function parseServer(text: string, cx: ParseContext): [host: string, port: number] {
  if (text === 'unix:') cx.fail(`no path in the unix domain socket in syslog server "${text}"`);
  if (text.startsWith('unix:')) return [text.slice('unix:'.length), 0];
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? '';
  if (host === '') cx.fail(`no host in syslog server "${text}"`);
  const port = digits === undefined ? PORT : parseInteger(digits, 1, 65_535);
  return [host, port ?? cx.fail(`invalid port in syslog server "${text}"`)];
}
