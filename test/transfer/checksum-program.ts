/**
 * Uses a checksum in a process of its own. Arguments: a scene, a file.
 * `loop`: beside a running event loop, from within its handlers. `abandoned`, `cancelled`: the process is to end by itself.
 */
import { openSync } from 'node:fs';
import { EventLoop } from '../../src/event/loop.js';
import { Timer } from '../../src/event/timers.js';
import { checksumOf, FileChecksum } from '../../src/transfer/checksum.js';

const [scene, path] = process.argv.slice(2) as [string, string];
const MB = 2 ** 20;
const fd = openSync(path, 'r');

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Starts one in a handler, and finishes it in another one, when the thread has nothing left to do. */
function beside(): void {
  const loop = new EventLoop(error => {
    throw error;
  });
  let first: FileChecksum | undefined;
  const timer = new Timer({
    onTimer() {
      if (first === undefined) {
        first = new FileChecksum(fd, 'sha-256', undefined, { loop });
        first.advance(MB);
      }
      if (first.hashed < MB) loop.setTimer(timer, 10);
      else first.finish(MB).then(then);
    },
  });
  const then = async (value: string) => {
    say(value);
    say(await checksumOf(fd, 'xxh64', { start: 1, end: 5 }, { loop }));
    loop.stop();
  };
  loop.setTimer(timer, 10);
  loop.start();
}

if (scene === 'loop') beside();
else {
  const checksum = new FileChecksum(fd, 'xxh64');
  checksum.advance(MB);
  if (scene === 'cancelled') checksum.cancel().then(() => say('cancelled'));
  else say('abandoned');
}
