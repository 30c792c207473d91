/**
 * A server for the tests: `serve.js FILE PREFIX`. Prints "ready" once it serves; ends when its standard input does, so
 * that none outlives a test run that was cut off.
 */
import { buildConfig, readConfig } from '../../src/server/load.js';
import { Master } from '../../src/server/master.js';
import { serveInOneProcess } from '../../src/server/single.js';

const [file, prefix] = process.argv.slice(2);
const options = { file, prefix, globals: '' };
const end = (code: number) => process.exit(code);

try {
  if (buildConfig(readConfig(options).nodes, prefix).main.masterProcess) await new Master(options, end).start();
  else serveInOneProcess(options, end);
  process.stdout.write('ready\n');
} catch (error) {
  process.stderr.write(`[emerg] ${(error as Error).message}\n`, () => process.exit(1));
}

process.stdin.resume();
process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.unref();
