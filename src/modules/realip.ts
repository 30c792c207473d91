/** `real_ip_header`: who a request comes from, where a proxy that one trusts says so. */
import type { ParseContext } from '../conf/directive.js';
import type { Subject, Variable } from '../conf/variables.js';
import { asciiLower } from '../http/ascii.js';
import { type Cidr, parseCidr, UNIX_PEERS } from './cidr.js';
import { forwardedOrigin, type Origin } from './forwarded.js';
import { type Client, type Handler, type Module, Outcome, type Request } from './module.js';
import { portText } from './proxy-protocol.js';
import { EVERYWHERE, flag, row } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    /** The proxies that are believed; null for none. */
    setRealIpFrom: readonly Cidr[] | null;
    /** The header in lower case; 'proxy_protocol' is none. */
    realIpHeader: string;
    realIpRecursive: boolean;
  }
}

/** What the header says; undefined where there is none. The first of several counts, but X-Forwarded-For goes on in the next. */
function claimOf(request: Request): string | undefined {
  const { head, settings, peer } = request;
  switch (settings.realIpHeader) {
    case 'proxy_protocol':
      return peer.proxy?.sourceAddress;
    case 'x-forwarded-for':
      return head.xForwardedFor;
    default:
      return head.first(settings.realIpHeader);
  }
}

function believe(request: Request, proxies: readonly Cidr[]): void {
  const claim = claimOf(request);
  if (claim === undefined) return;
  const { peer, settings } = request;
  const origin: Origin = { address: peer.remoteAddress, port: peer.remotePort };
  const found = forwardedOrigin(origin, claim, proxies, settings.realIpRecursive);
  if (found === origin) return;
  const isProxy = settings.realIpHeader === 'proxy_protocol';
  request.setClient(found.address, isProxy ? (peer.proxy?.sourcePort ?? 0) : found.port);
}

/** Once a request: in its server's phase, or in its location's, which may say more. */
const findClient: Handler = request => {
  const proxies = request.settings.setRealIpFrom;
  if (proxies !== null && request.client === request.peer) believe(request, proxies);
  return Outcome.Next;
};

/** Names are not looked up: who is believed should not depend on who answers for a name. */
function parseProxies(text: string, cx: ParseContext): readonly Cidr[] {
  if (text === 'unix:') return [UNIX_PEERS];
  if (text === 'localhost') return ['127.0.0.1', '::1'].flatMap(address => parseCidr(address)?.cidr ?? []);
  const found = parseCidr(text);
  if (found === undefined) {
    return cx.fail(`host not found in set_real_ip_from "${text}" (names are not looked up: give an address)`);
  }
  if (!found.exact) cx.warn(`low address bits of ${text} are meaningless`);
  return [found.cidr];
}

function variable(name: string, doc: string, of: (peer: Client) => string): Variable {
  return { name, doc, get: (subject: Subject) => of((subject as Request).peer) };
}

const PHASES = { serverRewrite: findClient, preaccess: findClient };
const NONE = {};

export const realip: Module = {
  name: 'realip',
  directives: [
    row<'setRealIpFrom'>({
      name: 'set_real_ip_from',
      key: 'setRealIpFrom',
      contexts: EVERYWHERE,
      args: [1, 1],
      repeatable: true,
      initial: null,
      doc: 'A proxy that is believed: an address, a network (CIDR), unix:. Host names other than localhost are not looked up.',
      parse: (args, cx, before) => [...(before ?? []), ...parseProxies(args[0]!, cx)],
    }),
    row<'realIpHeader'>({
      name: 'real_ip_header',
      key: 'realIpHeader',
      contexts: EVERYWHERE,
      args: [1, 1],
      initial: 'x-real-ip',
      default: 'X-Real-IP',
      doc: 'The header that a proxy names the client in, or proxy_protocol.',
      parse: args => asciiLower(args[0]!),
    }),
    flag(
      'real_ip_recursive',
      'realIpRecursive',
      EVERYWHERE,
      'off',
      'Whether the client is the last address that is not of such a proxy itself, or just the last one.',
    ),
  ],
  variables: [
    variable('realip_remote_addr', 'The address at the other end of the connection.', peer => peer.remoteAddress),
    variable('realip_remote_port', 'The port at the other end of the connection.', peer => portText(peer.remotePort)),
  ],
  phases: settings => (settings.setRealIpFrom === null ? NONE : PHASES),
};
