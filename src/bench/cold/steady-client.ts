/**
 * A client that asks for one small file at a steady pace, over one connection, whether or not the last answer has come: so that
 * a stall is met as often as it is long. Arguments: port, URI, milliseconds between two requests, seconds. Prints the histogram of its waits
 * as JSON.
 */
import { connect } from 'node:net';
import { Histogram } from '../histogram.js';

const [port, uri, interval, seconds] = process.argv.slice(2) as [string, string, string, string];
/** How long the last answers may take (ms). */
const grace = 30_000;

const request = `GET ${uri} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
const waits = new Histogram();
/** When the requests were sent whose answers have not come. */
const sent: number[] = [];
/** Bytes of an answer, and of those that have come since the last whole one. */
let size = 0;
let received = 0;

/** All answers are alike: the first one says how long they are. */
function take(part: Buffer): void {
  if (size === 0) {
    const text = part.toString('latin1');
    const length = /^content-length: (\d+)\r$/im.exec(text)?.[1];
    if (!text.startsWith('HTTP/1.1 200') || length === undefined)
      throw new Error(`not an answer: ${text.slice(0, 100)}`);
    size = text.indexOf('\r\n\r\n') + 4 + Number(length);
  }
  received += part.length;
  const now = performance.now();
  for (; received >= size; received -= size) waits.record((now - (sent.shift() ?? now)) * 1000);
}

const socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true });
socket.on('data', take);
socket.on('connect', () => {
  const ask = () => {
    sent.push(performance.now());
    socket.write(request);
  };
  ask();
  const timer = setInterval(ask, Number(interval));
  setTimeout(() => {
    clearInterval(timer);
    const limit = performance.now() + grace;
    const finish = () => {
      if (sent.length > 0 && performance.now() < limit) {
        setTimeout(finish, Number(interval));
        return;
      }
      for (const each of sent) waits.record((performance.now() - each) * 1000);
      socket.destroy();
      process.stdout.write(`${JSON.stringify(waits)}\n`);
    };
    finish();
  }, Number(seconds) * 1000);
});
