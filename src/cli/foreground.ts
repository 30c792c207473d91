import { ConsoleKeeper } from '../console/keeper.js';
import type { ConfigOptions } from '../server/load.js';

/**
 * Serves a configuration in this process: as a master with workers, or alone. The process ends with the server.
 * @throws ConfigError, SystemError, or an Error with a worker's message
 */
export async function serveHere(
  options: ConfigOptions,
  withMaster: boolean,
  onEnd: (code: number) => void = process.exit,
): Promise<void> {
  if (withMaster) {
    process.title = 'zerocopy: master process';
    const { Master } = await import('../server/master.js');
    const master = new Master(options, onEnd);
    new ConsoleKeeper(master);
    await master.start();
  } else {
    process.title = 'zerocopy: server process';
    const { SingleServer } = await import('../server/single.js');
    const single = new SingleServer(options, onEnd);
    new ConsoleKeeper(single);
    single.start();
  }
}
