/** What a server has said in one case, as a text in which nothing is left that must differ between two servers. */
import { createHash } from 'node:crypto';
import { errorPage } from '../../src/http/error-page.js';
import { neutralCookie, neutralIdentifiers } from './cookies.js';
import type { Heard, Reply } from './exchange.js';
import { fileTime } from './servers.js';

/** Where a server runs: what is replaced in its words. */
export interface Place {
  readonly ports: readonly number[];
  /** Its own folder, with logs; the document root is the same for both. */
  readonly dir: string;
}

/** Lines of the logs that belong to one connection. */
export interface Logged {
  readonly access: readonly string[];
  readonly errors: readonly string[];
}

/** Expiry times that are further from now are fixed: epoch, max. */
const DAY = 86_400;
const YEARS = 5 * 365 * 86_400;

/** A body that is longer is shown by its digest. */
const longestBody = 4096;

const product = /\b(?:nginx\/[\d.]+|zerocopy\/[\d.]+)/g;
/** The foot of a built-in page. */
const signature = /<hr><center>(?:nginx|zerocopy)(?:\/[\d.]+)?<\/center>/;

/** Ports, folders and names of programs are the same afterwards. */
export function neutral(text: string, { ports, dir }: Place): string {
  let out = text
    .replaceAll(dir, '{dir}')
    .replace(product, 'SERVER/1')
    .replace(/(?<=\/bodies\/)\d{10}/g, 'NUMBER')
    .replace(/\bexcess: \d+\.\d{3}/, 'excess: EXCESS');
  for (const [i, port] of ports.entries()) out = out.replaceAll(`${port}`, `{port${i === 0 ? '' : i + 1}}`);
  return neutralIdentifiers(out);
}

export function transcript(heard: Heard, logged: Logged, place: Place): string {
  const lines = heard.replies.flatMap(reply => replyLines(reply, place));
  if (heard.rest.length > 0)
    lines.push(
      `-- no head: ${JSON.stringify(neutral(bodyText(heard.rest).replace(signature, '<hr><center>SERVER</center>'), place))}`,
    );
  lines.push(heard.probed > 0 ? '-- kept' : '-- closed');
  const finals = heard.replies.filter(({ statusLine }) => !/^HTTP\/1\.1 1/.test(statusLine));
  // HTTP/0.9 has a body alone
  const bodies = finals.length > 0 ? finals.map(({ body }) => body.length) : [heard.rest.length];
  lines.push(...logged.access.map((line, i) => accessLine(neutral(line, place), bodies[i])));
  lines.push(...logged.errors.map(line => `error log: ${neutral(line, place)}`));
  return lines.join('\n');
}

function replyLines(reply: Reply, place: Place): string[] {
  const body = bodyText(reply.body);
  const page = body.replace(signature, '<hr><center>SERVER</center>');
  const shortened = body.length - page.length;
  const fields = reply.fields.map(field => fieldText(field, reply, shortened, place));
  return [neutral(reply.statusLine, place), ...fields, '', ...(page === '' ? [] : [neutral(page, place)])];
}

function fieldText(field: string, reply: Reply, shortened: number, place: Place): string {
  if (/^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/.test(field)) return 'Date: DATE';
  if (field.startsWith('Expires: ')) return `Expires: ${expires(field.slice(9), reply)}`;
  if (/^Cache-Control: max-age=\d+$/.test(field))
    return `Cache-Control: max-age=${maxAge(Number(field.slice(23)), reply)}`;
  if (field.startsWith('Set-Cookie: ')) return neutralCookie(field, dateOf(reply));
  if (/^Server: (nginx|zerocopy)$/.test(field)) return 'Server: SERVER';
  if (/^Content-Length: \d+$/.test(field))
    return `Content-Length: ${length(Number(field.slice(16)), reply, shortened)}`;
  return neutral(field, place).replace(/\bboundary=\d{20}\b/, 'boundary=BOUNDARY');
}

/** When a response was made, in ms. */
function dateOf({ fields }: Reply): number {
  return Date.parse(fields.find(field => field.startsWith('Date: '))?.slice(6) ?? '');
}

/** A time that counts from the time of the response is told as that. */
function expires(time: string, reply: Reply): string {
  const now = dateOf(reply);
  const seconds = (Date.parse(time) - now) / 1000;
  const fromFile = Date.parse(time) / 1000 - fileTime;
  if (Math.abs(seconds) > YEARS) return time;
  return fromFile % DAY === 0 ? `the file's time and ${fromFile} s` : `DATE and ${seconds} s`;
}

/** Seconds that end with Expires are told as that. */
function maxAge(seconds: number, { fields }: Reply): number | string {
  const time = (name: string) => Date.parse(fields.find(field => field.startsWith(name))?.slice(name.length) ?? '');
  return time('Expires: ') - time('Date: ') === 1000 * seconds ? 'to Expires' : seconds;
}

/** The length of a page without the server's name. For HEAD, where no page is to be seen, it is one if it has the length of one. */
function length(bytes: number, reply: Reply, shortened: number): number | string {
  if (!reply.head) return bytes - shortened;
  const server = reply.fields.find(field => field.startsWith('Server: '))?.slice('Server: '.length) ?? '';
  const page = errorPage(Number(reply.statusLine.split(' ')[1]), server);
  return bytes === page.length ? 'of the page' : bytes;
}

/** Printable text as it is, everything else by its digest. */
function bodyText(body: Buffer): string {
  if (body.length <= longestBody) return body.toString('latin1').replace(/^--\d{20}/gm, '--BOUNDARY');
  return `${body.length} bytes, sha256 ${createHash('sha256').update(body).digest('hex')}`;
}

/** The first field of a line is $body_bytes_sent: it must be what came, which is not the same for pages with a name in them. */
function accessLine(line: string, length: number | undefined): string {
  const space = line.indexOf(' ');
  const isRight = line.slice(0, space) === `${length}`;
  return `access log: ${isRight ? 'body' : line.slice(0, space)}${line.slice(space)}`;
}
