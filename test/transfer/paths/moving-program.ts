/** Moves a file over a connection of its own, in a process that calls can be made to fail in: `moving-program.js SOURCE SINK FOLDER BYTES`. */
import assert from 'node:assert/strict';
import { move, SentFile, sinkNames, sourceNames, TakenFile, Wire } from './support.js';

const [from, into, folder, size] = process.argv.slice(2);
const length = Number(size);
const source = sourceNames.find(name => name === from);
const sink = sinkNames.find(name => name === into);
assert.ok(source !== undefined && sink !== undefined);

const sent = new SentFile(folder, source, length);
const taken = new TakenFile(folder, sink);
const wire = new Wire();
const { soft } = move(sent.source, taken.sink, wire, { from: 0, to: 0, count: length });
taken.sink.flush();
const isRight = !taken.stores || taken.bytes.equals(sent.bytes);
process.stdout.write(JSON.stringify({ isRight, ranges: taken.ranges, soft }));
