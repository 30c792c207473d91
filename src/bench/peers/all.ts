import { apache } from './apache.js';
import { cEpoll } from './c-epoll.js';
import { cUring, cUringZeroCopy } from './c-uring.js';
import { caddy } from './caddy.js';
import { h2o } from './h2o.js';
import { lighttpd } from './lighttpd.js';
import { nginxOff, nginxOn } from './nginx.js';
import type { PeerKind } from './peer.js';
import { sirv } from './sirv.js';
import { uws } from './uws.js';
import { zerocopyOff, zerocopyOn } from './zerocopy.js';

/** Every server that can be measured, in the order of --list. */
export const peerKinds: readonly PeerKind[] = [
  ...[zerocopyOn, zerocopyOff, nginxOn, nginxOff],
  ...[lighttpd, apache, caddy, h2o, sirv, uws],
  ...[cEpoll, cUring, cUringZeroCopy],
];

/** Those of --quick. */
export const quickPeers: readonly string[] = ['zerocopy', 'zerocopy-off', 'nginx', 'lighttpd'];

/** With whom HTTPS is measured beside whom: this server's data paths, each beside nginx's. */
export const counterparts: Readonly<Record<string, string>> = { zerocopy: 'nginx', 'zerocopy-off': 'nginx-off' };

/** The one that the others are put in proportion to. */
export const referencePeer = 'nginx';
