/** A server: sirv behind Node's http. Arguments: port, document root. */
import { createServer } from 'node:http';
import sirv from 'sirv';

const [port, root] = process.argv.slice(2) as [string, string];

const serve = sirv(root, { dev: false, etag: true });
const server = createServer({ keepAliveTimeout: 75_000, requestTimeout: 0 }, (request, response) =>
  serve(request, response, () => {
    response.statusCode = 404;
    response.end();
  }),
);
server.maxRequestsPerSocket = 0;
server.listen(Number(port), '127.0.0.1', 4096);
