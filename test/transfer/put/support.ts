/** Runs `zerocopy put` on files of a folder of its own. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bench, type Finished } from '../../cli/program.js';
import { noise } from '../../server/harness.js';
import { type Script, ScriptedServer, type Wire } from './scripted-server.js';

export const content = noise(3_000_000, 5);

export class PutBench extends Bench {
  readonly path = this.file('scan.bin', content);

  /** Writes a file; gives its path. */
  file(name: string, bytes: Buffer): string {
    writeFileSync(join(this.folder, name), bytes);
    return join(this.folder, name);
  }

  /** Puts the file to a server that does as the scripts say; all of them must be played. */
  put(scripts: readonly Script[], ...options: string[]): Promise<Finished> {
    return this.putAs(this.path, '/scan', scripts, ...options);
  }

  /** As `put`, another file and to another place. */
  async putAs(path: string, place: string, scripts: readonly Script[], ...options: string[]): Promise<Finished> {
    const server = await ScriptedServer.start(...scripts);
    const finished = await this.run(['put', path, server.url(place), ...options]);
    await server.close();
    assert.equal(server.connections, scripts.length, `connections; it said: ${finished.stderr}`);
    return finished;
  }
}

export function field(head: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)\r$`, 'mi').exec(head)?.[1];
}

/** Takes the whole request as it should be, and says that it is there. */
export async function store(wire: Wire): Promise<void> {
  const head = await wire.head();
  assert.match(head, /^Content-Length: 3000000\r$/m);
  if (/^Expect: 100-continue\r$/m.test(head)) wire.write('HTTP/1.1 100 Continue\r\n\r\n');
  assert.ok((await wire.body(content.length)).equals(content), 'the bytes are those of the file');
  assert.equal(wire.waiting, 0);
  wire.answer('201 Created');
}

/** Takes some of the body, and then something happens. */
export function breakWithin(then: (wire: Wire) => void): Script {
  return async wire => {
    await wire.head();
    wire.write('HTTP/1.1 100 Continue\r\n\r\n');
    await wire.body(100_000);
    then(wire);
  };
}
