/**
 * All modules. Handlers of one phase are asked in this order; filters too: conditions first, then added headers and cookies, the
 * charset, compression, and ranges, as in nginx. The core has the last word of the content phase.
 */

import { accept } from './accepted.js';
import { access } from './access.js';
import { aio } from './aio.js';
import { authBasic } from './auth-basic.js';
import { autoindex } from './autoindex.js';
import { body } from './body.js';
import { browser } from './browser.js';
import { charset } from './charset.js';
import { consoleModule } from './console.js';
import { coreHttp } from './core-http.js';
import { coreMain } from './core-main.js';
import { dav } from './dav.js';
import { disableSymlinks } from './disable-symlinks.js';
import { emptyGif } from './empty-gif.js';
import { errorPages } from './error-page.js';
import { geo } from './geo.js';
import { gzip } from './gzip.js';
import { gzipStatic } from './gzip-static.js';
import { headers } from './headers.js';
import { index } from './index.js';
import { keepalive } from './keepalive.js';
import { limitConn } from './limit-conn.js';
import { limitRate } from './limit-rate.js';
import { limitReq } from './limit-req.js';
import { listen } from './listen.js';
import { log } from './log.js';
import { map } from './map.js';
import type { Module } from './module.js';
import { newerProtocols } from './newer-protocols.js';
import { notModified } from './not-modified.js';
import { proxyProtocol } from './proxy-protocol.js';
import { randomIndex } from './random-index.js';
import { range } from './range.js';
import { realip } from './realip.js';
import { redirects } from './redirects.js';
import { referer } from './referer.js';
import { rewrite } from './rewrite.js';
import { root } from './root.js';
import { secureLinks } from './secure-link.js';
import { splitClients } from './split-clients.js';
import { ssl } from './ssl.js';
import { staticFiles } from './static.js';
import { stubStatus } from './stub-status.js';
import { tryFiles } from './try-files.js';
import { types } from './types.js';
import { userid } from './userid.js';
import { variables } from './variables.js';

export const modules: readonly Module[] = [
  coreMain,
  accept,
  aio,
  consoleModule,
  listen,
  newerProtocols,
  ssl,
  keepalive,
  body,
  root,
  disableSymlinks,
  types,
  errorPages,
  redirects,
  realip,
  rewrite,
  tryFiles,
  limitRate,
  limitReq,
  limitConn,
  access,
  authBasic,
  stubStatus,
  emptyGif,
  randomIndex,
  index,
  autoindex,
  dav,
  gzipStatic,
  staticFiles,
  notModified,
  headers,
  userid,
  charset,
  gzip,
  range,
  log,
  secureLinks,
  variables,
  proxyProtocol,
  map,
  geo,
  splitClients,
  referer,
  browser,
  coreHttp,
];
