import { check } from '../../../native/errno.js';
import { FileStatus, O_RDONLY, O_WRONLY, statFd } from '../../../native/file.js';
import { Blocks } from './blocks.js';
import { openDirect, upToUnit } from './direct.js';
import { DiscardSink, MemorySink } from './dropping-sinks.js';
import type { OnStored, PathSettings, Sink, Source } from './path.js';
import { ReadWriteSink } from './read-write-sink.js';
import { ReadWriteSource } from './read-write-source.js';
import { SendfileSource } from './sendfile-source.js';
import { SpliceSink } from './splice-sink.js';

const noDescriptor = -1;

/**
 * @param zeroCopy sendfile; else pread and send
 * @param file open for reading
 * @param path for messages
 * @throws TransferError (kind source) where `direct` is asked for and the file system has no O_DIRECT
 */
export function makeSource(zeroCopy: boolean, file: number, path: string, settings: PathSettings): Source {
  const status = new FileStatus();
  check(statFd(file, status), `statx() "${path}"`);
  const blocks = new Blocks(blockSizeOf(settings), settings.fixedOffset, status.size);
  const direct = settings.direct ? openDirect(file, O_RDONLY, path, 'source') : noDescriptor;
  if (zeroCopy) return new SendfileSource(file, path, blocks, direct);
  return new ReadWriteSource(settings.direct ? direct : file, path, blocks, settings.direct);
}

/**
 * @param file open for writing; not looked at where nothing is stored
 * @param path for messages
 * @throws TransferError (kind store) where `direct` is asked for and the file system has no O_DIRECT
 */
export function makeSink(
  kind: Sink['name'],
  file: number,
  path: string,
  settings: PathSettings,
  onStored: OnStored,
): Sink {
  if (kind === 'discard') return new DiscardSink(onStored);
  if (kind === 'memory') return new MemorySink(settings.blockSize, onStored);
  const direct = settings.direct ? openDirect(file, O_WRONLY, path, 'store') : noDescriptor;
  if (kind === 'splice') return new SpliceSink(file, path, direct, onStored);
  return new ReadWriteSink(file, path, blockSizeOf(settings), direct, onStored);
}

/** O_DIRECT takes whole units only. */
function blockSizeOf({ blockSize, direct }: PathSettings): number {
  return direct ? upToUnit(blockSize) : blockSize;
}
