/**
 * A server for the tests: `serve.js FILE PREFIX`. Prints "ready" once it serves; ends when its standard input does, so
 * that none outlives a test run that was cut off.
 */
import { serveHere } from '../../src/cli/foreground.js';
import { buildConfig, readConfig } from '../../src/server/load.js';

const [file, prefix] = process.argv.slice(2);
const options = { file, prefix, globals: '' };

try {
  const { masterProcess } = buildConfig(readConfig(options).nodes, options).main;
  await serveHere(options, masterProcess, code => process.exit(code));
  process.stdout.write('ready\n');
} catch (error) {
  process.stderr.write(`[emerg] ${(error as Error).message}\n`, () => process.exit(1));
}

process.stdin.resume();
process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.unref();
