import type { TemplatedApp, us_listen_socket } from 'uWebSockets.js';
import { createRequire } from 'node:module';

/**
 * uWebSockets.js, whose package has a native build for some versions of Node and a slower stand-in for all. The stand-in cannot
 * look at a WebSocket before it accepts it, so that the console has none there: the page then polls.
 */
export interface Uws {
  readonly backend: 'native' | 'stand-in';
  App(): TemplatedApp;
  us_listen_socket_close(socket: us_listen_socket): void;
}

const require = createRequire(import.meta.url);

/** @throws Error where the package is not there at all */
export function loadUws(): Uws {
  const { platform, arch, versions } = process;
  // the package's own entry says on standard output which of the two it has chosen
  try {
    return {
      backend: 'native',
      ...require(`uWebSockets.js/binaries/uws_${platform}_${arch}_${versions.modules}.node`),
    };
  } catch {
    return { backend: 'stand-in', ...require('uWebSockets.js/dist/index.js') };
  }
}
