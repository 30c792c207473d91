/**
 * A server that answers wrongly. Arguments: port, document root, and what it does: `short` sends a byte less than it should and
 * says so, `die` ends itself at the eighth request. Else it serves the files.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [port, root, mode] = process.argv.slice(2) as [string, string, string];

let requests = 0;
createServer((request, response) => {
  requests += 1;
  if (mode === 'die' && requests === 8) process.kill(process.pid, 'SIGKILL');
  const body = readFileSync(root + request.url!);
  // the first is the one that asks whether it serves
  const sent = mode === 'short' && requests > 1 ? body.subarray(1) : body;
  response.setHeader('Content-Length', sent.length);
  response.end(sent);
}).listen(Number(port), '127.0.0.1');
