import { close, O_RDONLY, openAt } from '../../../native/file.js';
import type { EventLoop } from '../../event/loop.js';
import { storeFailure } from '../failure.js';
import { statusOf } from '../part/target.js';
import type { FileReport } from '../report.js';
import type { FetchSettings } from './settings.js';
import { wrongChecksum } from './storage.js';
import { modifiedAt, type Version } from './version.js';

/**
 * Whether a file is there that need not be fetched again: of the same size as at the server, and not older. (wget -c and curl
 * -C - look at the size alone. A file that was fetched by this program has the date that it had at the server.)
 */
function isThere(path: string, version: Version): boolean {
  const found = statusOf(path);
  if (found === undefined || !found.isFile()) return false;
  const isNewEnough = Number(found.mtimeNs / 1_000_000_000n) >= modifiedAt(version);
  return Number(found.size) === version.size && isNewEnough;
}

/**
 * For --resume: the report of a file that is there, or null where it is to be fetched.
 * @throws TransferError where its checksum is wrong
 */
export async function reportIfThere(
  loop: EventLoop,
  name: string,
  version: Version,
  { checksum }: FetchSettings,
): Promise<FileReport | null> {
  const { size } = version;
  if (!isThere(name, version) || size === null) return null;
  const report = { name, size, resumedFrom: size };
  if (checksum === null) return report;
  const { algorithm, expected } = checksum;
  const { checksumOf } = await import('../checksum.js');
  const fd = openAt(name, O_RDONLY);
  if (fd < 0) throw storeFailure(-fd, 'openat', name);
  try {
    const value = await checksumOf(fd, algorithm, { start: 0, end: size }, { loop });
    if (expected !== '' && value !== expected) throw wrongChecksum(name, value, expected);
    return { ...report, checksum: { algorithm, value } };
  } finally {
    close(fd);
  }
}
