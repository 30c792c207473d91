/** `allow` and `deny`: who may come in, by address. */
import type { AnyDirective, Context, ParseContext } from '../conf/directive.js';
import { binaryAddress } from './binary-address.js';
import { type Cidr, isInCidr, mappedIpv4, parseCidr } from './cidr.js';
import { type Handler, type Module, Outcome, type Request } from './module.js';
import { EVERYWHERE, row } from './rows.js';

/** One `allow` or `deny`. */
export interface AccessRule {
  readonly deny: boolean;
  readonly of: 'all' | 'unix' | Cidr;
}

declare module '../conf/settings.js' {
  interface Settings {
    accessRules: readonly AccessRule[];
  }
}

/** Where rules about clients may stand. */
export const ACCESS_LEVELS: readonly Context[] = [...EVERYWHERE, 'limit_except'];

const IPV4_LENGTH = 4;

function applies({ of }: AccessRule, bytes: string, isUnix: boolean): boolean {
  if (of === 'all') return true;
  if (of === 'unix') return isUnix;
  return !isUnix && isInCidr(bytes, of);
}

/** As nginx: an IPv4 address in an IPv6 socket is judged by the rules for IPv4, if there are any. */
function judgedBytes(bytes: string, rules: readonly AccessRule[]): string {
  const mapped = mappedIpv4(bytes);
  if (mapped === null) return bytes;
  const hasIpv4 = rules.some(({ of }) => of === 'all' || (of !== 'unix' && of.bytes.length === IPV4_LENGTH));
  return hasIpv4 ? mapped : bytes;
}

function judge(request: Request, { deny }: AccessRule): Outcome {
  if (!deny) return Outcome.Allowed;
  if (request.settings.satisfy === 'all') request.log('error', 'access forbidden by rule');
  return 403;
}

const checkAddress: Handler = request => {
  const rules = request.settings.accessRules;
  const { remoteAddress } = request.client;
  const isUnix = remoteAddress.startsWith('unix:');
  const bytes = isUnix ? '' : judgedBytes(binaryAddress(remoteAddress), rules);
  const rule = rules.find(each => applies(each, bytes, isUnix));
  return rule === undefined ? Outcome.Next : judge(request, rule);
};

function parseRule(text: string, cx: ParseContext): AccessRule['of'] {
  if (text === 'all') return 'all';
  if (text === 'unix:') return 'unix';
  const network = parseCidr(text) ?? cx.fail(`invalid parameter "${text}"`);
  if (!network.exact) cx.warn(`low address bits of ${text} are meaningless`);
  return network.cidr;
}

function rule(name: 'allow' | 'deny', doc: string): AnyDirective {
  return row<'accessRules'>({
    name,
    key: 'accessRules',
    contexts: ACCESS_LEVELS,
    args: [1, 1],
    repeatable: true,
    initial: [],
    doc,
    parse: (args, cx, before) => [...(before ?? []), { deny: name === 'deny', of: parseRule(args[0]!, cx) }],
  });
}

const PHASES = { access: checkAddress };
const NONE = {};

export const access: Module = {
  name: 'access',
  directives: [
    rule('allow', 'Lets in an address, a network (CIDR), unix: or all. The first rule that applies counts.'),
    rule('deny', 'Refuses an address, a network (CIDR), unix: or all: 403.'),
  ],
  phases: settings => (settings.accessRules.length === 0 ? NONE : PHASES),
};
