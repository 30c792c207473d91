/** What a proxy tells of its client before the first request (`listen … proxy_protocol`), as variables. */
import type { Subject, Variable } from '../conf/variables.js';
import type { Module, ProxyHeader, Request } from './module.js';

/** Types of records, by the names that nginx has for them. */
const TYPES: ReadonlyMap<string, number> = new Map([
  ['alpn', 0x01],
  ['authority', 0x02],
  ['unique_id', 0x05],
  ['ssl', 0x20],
  ['netns', 0x30],
]);
/** Of those within the record of TLS. */
const TLS_TYPES: ReadonlyMap<string, number> = new Map([
  ['version', 0x21],
  ['cn', 0x22],
  ['cipher', 0x23],
  ['sig_alg', 0x24],
  ['key_alg', 0x25],
]);
const TLS = 0x20;
/** What the record of TLS begins with: a byte of flags, and whether the client's certificate was good. */
const TLS_HEAD = 5;
const RECORD_HEAD = 3;

/** The content of the first record of a type; undefined where there is none, or the records before it are cut off. */
function findRecord(request: Request, records: Buffer, type: number): Buffer | undefined {
  for (let at = 0; at < records.length; ) {
    const start = at + RECORD_HEAD;
    const end = start > records.length ? start : start + records.readUInt16BE(at + 1);
    if (end > records.length) {
      request.log('error', 'broken PROXY protocol TLV');
      return undefined;
    }
    if (records[at] === type) return records.subarray(start, end);
    at = end;
  }
  return undefined;
}

function typeOf(request: Request, name: string, types: ReadonlyMap<string, number>): number | undefined {
  if (name.startsWith('0x')) {
    if (/^0x[\da-f]{1,8}$/.test(name)) return Number.parseInt(name, 16);
    request.log('error', `invalid PROXY protocol TLV "${name}"`);
    return undefined;
  }
  const type = types.get(name);
  if (type === undefined) request.log('error', `unknown PROXY protocol TLV "${name}"`);
  return type;
}

/** A record by its name, or by its number: `authority`, `0x02`, `ssl_cn`, `ssl_0x22`. */
function recordText(request: Request, name: string): string | undefined {
  const records = request.peer.proxy?.records;
  if (!records) return undefined;
  if (!name.startsWith('ssl_')) {
    const type = typeOf(request, name, TYPES);
    return type === undefined ? undefined : findRecord(request, records, type)?.toString('latin1');
  }
  const tls = findRecord(request, records, TLS);
  if (tls === undefined || tls.length < TLS_HEAD) return undefined;
  if (name === 'ssl_verify') return `${tls.readUInt32BE(1)}`;
  const type = typeOf(request, name.slice('ssl_'.length), TLS_TYPES);
  return type === undefined ? undefined : findRecord(request, tls.subarray(TLS_HEAD), type)?.toString('latin1');
}

function variable(name: string, doc: string, of: (header: ProxyHeader) => string): Variable {
  return {
    name: `proxy_protocol_${name}`,
    doc,
    get(subject: Subject) {
      const { proxy } = (subject as Request).peer;
      return proxy === null ? undefined : of(proxy);
    },
  };
}

/** 0 is no port: that of a unix socket, or one that nobody has told. */
export function portText(port: number): string {
  return port === 0 ? '' : `${port}`;
}

export const proxyProtocol: Module = {
  name: 'proxy_protocol',
  variables: [
    variable('addr', 'The address of the client, as the proxy before this server says.', each => each.sourceAddress),
    variable('port', 'The port of the client, as that proxy says.', each => portText(each.sourcePort)),
    variable('server_addr', 'The address the client has connected to.', each => each.destinationAddress),
    variable('server_port', 'The port the client has connected to.', each => portText(each.destinationPort)),
    {
      name: 'proxy_protocol_tlv_',
      prefix: true,
      doc: 'What else that proxy says: alpn, authority, unique_id, ssl_version, ssl_cn, ssl_verify …, or a number (0x02).',
      get: (subject: Subject, suffix) => recordText(subject as Request, suffix),
    },
  ],
};
