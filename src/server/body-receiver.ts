import type { ReceivedBody } from '../modules/module.js';
import { BodyFile } from './body-file.js';
import type { BodyReader, BodySink } from './body-reader.js';
import type { HttpRequest } from './request.js';

/** Has the body of a request written to a file, within the bounds of its location. */
export class BodyReceiver implements BodySink {
  private constructor(
    private readonly request: HttpRequest,
    private readonly reader: BodyReader,
    readonly file: BodyFile,
  ) {}

  /** @returns null where no file can be had, which the error log knows then */
  static begin(request: HttpRequest, reader: BodyReader): BodyReceiver | null {
    const folder = request.settings.clientBodyTempPath;
    const { prefix } = request.host;
    const path = folder.path.startsWith('/') ? folder.path : prefix + folder.path;
    const file = BodyFile.create({ ...folder, path });
    if (!(file instanceof BodyFile)) {
      request.logErrno('crit', `open() "${file.path}" failed`, file.errno);
      return null;
    }
    request.onEnd(() => file.dispose());
    const receiver = new BodyReceiver(request, reader, file);
    reader.sink = receiver;
    return receiver;
  }

  /** Why it has not come, in the error log, where that was not said yet. */
  noteBroken(): void {
    if (this.reader.status === 400) this.request.log('error', 'client sent invalid chunked body');
  }

  get body(): ReceivedBody {
    return this.file;
  }

  take(bytes: Buffer, start: number, end: number): number {
    const { request, reader, file } = this;
    const most = request.settings.clientMaxBodySize;
    const size = reader.chunkedSize;
    if (most > 0 && size > most) {
      request.log(
        'error',
        `client intended to send too large chunked body: ${file.length}+${size - file.length} bytes`,
      );
      return 413;
    }
    const result = file.write(bytes, start, end);
    if (result === 0) return 0;
    request.logErrno('crit', `pwrite() "${file.path}" failed`, result);
    return 500;
  }
}
