import { SystemError } from '../../native/errno.js';
import { close, O_CREAT, O_TRUNC, O_WRONLY, openAt, unlink, write } from '../../native/file.js';
import { MemoryBlock } from '../../native/memory.js';

/**
 * Writes this process's number.
 * @param path a byte string
 * @throws SystemError
 */
export function writePidFile(path: string): void {
  const fd = openAt(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644);
  if (fd < 0) throw new SystemError(`open() "${path}"`, -fd);
  const text = `${process.pid}\n`;
  const block = new MemoryBlock(128);
  block.bytes.latin1Write(text, 0, text.length);
  const written = write(fd, block.address, text.length);
  close(fd);
  if (written < 0) throw new SystemError(`write() to "${path}"`, -written);
}

export function removePidFile(path: string): void {
  unlink(path);
}
