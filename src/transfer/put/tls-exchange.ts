import { read } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { BrokenConnection } from '../http/broken.js';
import { requestTls } from '../http/tls.js';
import { Pacer } from '../pacer.js';
import { type Answer, type Attempt, continueMs, mostText, shortFile } from './attempt.js';

const readAt = promisify(read);

/**
 * One try over https, by Node's client: the bytes go through this process, and are encrypted in it.
 * @throws BrokenConnection where another try may go better; TransferError
 */
export async function putTls(attempt: Attempt): Promise<Answer> {
  const { target, fields: headers, settings, file } = attempt;
  const { timeoutMs, trust } = settings;
  const progress = { sent: 0 };
  const body = () => {
    attempt.begin();
    return Readable.from(blocks(attempt, progress), { objectMode: false });
  };
  const request = { target, method: 'PUT', headers, body, continueMs, timeoutMs, ...trust };
  const answer = await requestTls(request);
  const isError = answer.head.status >= 300;
  const text = isError ? await beginningOf(answer.body) : '';
  answer.body.destroy();
  const { sent } = progress;
  if (!isError && sent > 0 && sent < file.size) {
    throw new BrokenConnection(
      `${target.authority} has answered "${answer.head.status}" before it had the file`,
      'peer',
    );
  }
  return { head: answer.head, text, sent, path: 'node:https', calls: {}, softErrors: 0 };
}

/** The file, block by block, at the rate that is asked for. */
async function* blocks({ file, settings, moved }: Attempt, progress: { sent: number }): AsyncGenerator<Buffer> {
  const { size, fd } = file;
  const { rate, blockSize } = settings;
  const pacer = new Pacer(rate, () => performance.now(), blockSize);
  // a slow rate is kept by small blocks, not by long silences
  const most = rate === 0 ? blockSize : Math.max(1, Math.min(blockSize, Math.floor(rate / 10)));
  while (progress.sent < size) {
    const count = Math.min(most, size - progress.sent);
    const pause = pacer.delay(count);
    if (pause > 0) await sleep(pause);
    const { bytesRead, buffer } = await readAt(fd, Buffer.allocUnsafe(count), 0, count, progress.sent);
    if (bytesRead === 0) throw shortFile(file, progress.sent);
    progress.sent += bytesRead;
    pacer.spend(bytesRead);
    moved(bytesRead);
    yield buffer.subarray(0, bytesRead);
  }
}

/** What has come of it when it breaks off is enough. */
async function beginningOf(body: Readable): Promise<string> {
  let text = '';
  try {
    for await (const part of body) {
      text += (part as Buffer).toString('latin1', 0, mostText - text.length);
      if (text.length >= mostText) break;
    }
  } catch {
    // the reason for the failure is in the head
  }
  return text;
}
