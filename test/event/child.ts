import { EventLoop } from '../../src/event/loop.js';
import { scenes } from './scenes.js';

/** The process that one scene plays in: `child.js NAME`. */
const faults: unknown[] = [];
const loop = new EventLoop(error => faults.push(error instanceof Error ? error.message : error));

scenes[process.argv[2]]({
  loop,
  faults,
  finish(seen) {
    loop.stop();
    process.send?.({ seen }, () => process.exit(0));
  },
});
loop.start();
