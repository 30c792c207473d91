import { get } from 'node:http';

/**
 * The HTTP client of the demo where there is no curl, as a program: `node node-client.js URL [drop]`. It writes what it
 * receives to standard output; with `drop`, it writes the seconds that the transfer took instead.
 */
const [url, drop] = process.argv.slice(2);
const startedAt = performance.now();

get(url, response => {
  if (response.statusCode !== 200) {
    process.stderr.write(`HTTP status ${response.statusCode}\n`);
    process.exit(1);
  }
  if (drop === undefined) {
    response.pipe(process.stdout);
    return;
  }
  response.resume();
  response.on('end', () => process.stdout.write(`${(performance.now() - startedAt) / 1000}`));
  response.on('error', fail);
}).on('error', fail);

function fail(error: Error): void {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
