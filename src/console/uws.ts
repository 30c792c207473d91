import type { TemplatedApp, us_listen_socket } from 'uWebSockets.js';
import { createRequire } from 'node:module';

/**
 * uWebSockets.js, whose package has a native build for some versions of Node and a slower stand-in for all. The stand-in cannot
 * look at a WebSocket before it accepts it, so that the console has none there: the page then polls. UWS_USE_FALLBACK=1 in the
 * environment asks for the stand-in, as the package has it.
 */
export interface Uws {
  readonly backend: 'native' | 'stand-in';
  App(): TemplatedApp;
  us_listen_socket_close(socket: us_listen_socket): void;
}

const require = createRequire(import.meta.url);

/** @throws Error where the package is not there at all */
export function loadUws(): Uws {
  const { platform, arch, versions, env } = process;
  // the package's own entry does the same, and says on standard output what it has chosen
  try {
    if (env.UWS_USE_FALLBACK === '1') throw new Error('the stand-in is asked for');
    return {
      backend: 'native',
      ...require(`uWebSockets.js/binaries/uws_${platform}_${arch}_${versions.modules}.node`),
    };
  } catch {
    return { backend: 'stand-in', ...require('uWebSockets.js/dist/index.js') };
  }
}
