/**
 * Several downloads at once, whose bytes are dropped. Arguments: port, and a URI for each. Runs until SIGTERM, or until all is there, and prints
 * the bytes that have come.
 */
import { connect, type Socket } from 'node:net';

const [port, ...uris] = process.argv.slice(2) as [string, ...string[]];
let bytes = 0;
let begun = 0;

const sockets = uris.map(uri => {
  const socket: Socket = connect({ host: '127.0.0.1', port: Number(port) });
  socket.write(`GET ${uri} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
  socket.once('data', () => {
    begun += 1;
    if (begun < uris.length) return;
    bytes = 0;
    process.stdout.write('all\n');
  });
  socket.on('data', part => {
    bytes += part.length;
  });
  return socket;
});

process.once('SIGTERM', () => {
  for (const socket of sockets) socket.destroy();
});
process.once('beforeExit', () => process.stdout.write(`${bytes}\n`));
