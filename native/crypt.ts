import { ENOSYS } from './errno.js';
import { bindForThreadsIn, loadWhereKnown } from './libc.js';
import { MemoryBlock } from './memory.js';

/** crypt(3): hashes of passwords. It takes milliseconds, and as long as the one who made a hash wanted it to: threads make the calls. */

const names = ['libcrypt.so.1', 'libcrypt.so.2', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1'];

type Crypt = ReturnType<typeof bindForThreadsIn>;
let bound: Crypt | null | undefined;

/** Loaded when the first password is asked for: most servers have none. Null where there is no such library. */
function crypt(): Crypt | null {
  if (bound !== undefined) return bound;
  const library = loadWhereKnown(names);
  bound =
    library === null
      ? null
      : bindForThreadsIn(library, 'int64_t crypt_r(uintptr_t key, uintptr_t setting, uintptr_t data)');
  return bound;
}

/** `struct crypt_data` of the C library that has the largest one (glibc before 2.28). */
const dataSize = 131_232;

/**
 * Hashes a password.
 * @param password a byte string without NUL
 * @param setting a hash whose form and salt are to be used, likewise
 * @param done is told the hash, or a negative errno
 */
export function cryptInThread(password: string, setting: string, done: (hash: string | number) => void): void {
  const call = crypt();
  if (call === null) {
    done(-ENOSYS);
    return;
  }
  const settingAt = dataSize + password.length + 1;
  const block = new MemoryBlock(settingAt + setting.length + 1);
  block.bytes.latin1Write(password, dataSize, password.length);
  block.bytes.latin1Write(setting, settingAt, setting.length);
  call(
    address => {
      done(address < 0 ? address : textAt(block, address));
      // no password stays behind in memory that is free
      block.bytes.fill(0);
    },
    ...[block.address + dataSize, block.address + settingAt, block.address],
  );
}

/** The C string that crypt_r has left in its data; EINVAL where it gave none. */
function textAt({ bytes, address }: MemoryBlock, at: number): string | number {
  const start = at - address;
  if (at === 0 || start >= dataSize) return -22;
  return bytes.toString('latin1', start, bytes.indexOf(0, start));
}
