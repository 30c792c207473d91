import type { ConfigOptions } from '../server/load.js';

/**
 * Serves a configuration in this process: as a master with workers, or alone. The process ends with the server.
 * @throws ConfigError, SystemError, or an Error with a worker's message
 */
export async function serveHere(options: ConfigOptions, withMaster: boolean, onEnd = process.exit): Promise<void> {
  if (withMaster) {
    process.title = 'zerocopy: master process';
    const { Master } = await import('../server/master.js');
    await new Master(options, onEnd).start();
  } else {
    process.title = 'zerocopy: server process';
    const { serveInOneProcess } = await import('../server/single.js');
    serveInOneProcess(options, onEnd);
  }
}
