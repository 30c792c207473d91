import { isatty } from 'node:tty';
import { buildConfig, type ConfigOptions, readConfig } from '../server/load.js';
import { Runtime } from '../server/runtime.js';
import { say } from './bytes.js';
import { fail, report } from './failure.js';
import { serveHere } from './foreground.js';
import { makeOwnLogFolder } from './place.js';

/** Serves as a configuration says: in the background (`daemon on`, nginx's default) or here, until a signal ends it. */
export async function run(options: ConfigOptions): Promise<void> {
  makeOwnLogFolder(options.prefix);
  const runtime = new Runtime(buildConfig(readConfig(options).nodes, options));
  for (const warning of runtime.warnings) report('warn', warning);
  const { daemon, masterProcess } = runtime.config.main;
  if (daemon) {
    const { daemonize } = await import('./daemon.js');
    await daemonize(options, runtime.config.main);
    return;
  }
  await serveOrEnd(options, masterProcess);
  if (isatty(2)) for (const line of describe(runtime)) say(line);
}

/** Serves here; where that cannot begin, says why and ends the process with 1. */
export async function serveOrEnd(options: ConfigOptions, withMaster: boolean): Promise<void> {
  try {
    await serveHere(options, withMaster);
  } catch (error) {
    fail(error);
    // what was begun (a timer, a worker's channel) must not keep the process
    process.exit();
  }
}

/** One line for each server: what is served where, and how to stop; then the console's. */
export function describe(runtime: Runtime): string[] {
  const { console: address } = runtime.config.main;
  const lines = runtime.config.servers.map(({ settings }) => {
    const urls = settings.listen.map(listen => urlOf(listen));
    const { sendfile, root } = settings;
    return `zerocopy: serving ${root.path.text} on ${urls.join(', ')} (sendfile ${sendfile ? 'on' : 'off'}), Ctrl-C stops`;
  });
  if (address === null) return lines;
  const family = address.host.includes(':') ? 'inet6' : 'inet';
  return [...lines, `zerocopy: console on ${urlOf({ ...address, family, path: '' })}`];
}

/** An address as a browser takes it; of all addresses, the loopback's. */
function urlOf({ family, host, port, path }: { family: string; host: string; port: number; path: string }): string {
  if (family === 'unix') return `unix:${path}`;
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}/`;
  return `http://${family === 'inet6' ? `[${host}]` : host}:${port}/`;
}
