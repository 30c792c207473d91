import { errnoText } from '../../native/errno.js';
import type { Settings } from '../conf/settings.js';
import { errorLogDate } from '../http/dates.js';
import type { ErrorLog } from '../modules/core-main.js';
import type { LogLevel } from '../modules/module.js';
import { recordError } from '../scoreboard/records.js';
import { LogFile } from './log-file.js';

/** One more than syslog's. */
const severities: Record<LogLevel, number> = {
  emerg: 1,
  alert: 2,
  crit: 3,
  error: 4,
  warn: 5,
  notice: 6,
  info: 7,
  debug: 8,
};

/** Writes to the error logs that settings name, in nginx's line shape; to standard error where they name none. */
export class ErrorLogWriter {
  private readonly tag = `${process.pid}#${process.pid}`;
  private readonly fallback: readonly ErrorLog[];

  constructor() {
    const target = new LogFile('/dev/stderr');
    target.adopt(2);
    this.fallback = [
      {
        target: { path: target.path, buffer: 0, flush: 0, gzip: 0, syslog: null, write: line => target.write(line) },
        level: 'error',
      },
    ];
  }

  private logsOf(settings: Settings): readonly ErrorLog[] {
    return settings.errorLogs.length > 0 ? settings.errorLogs : this.fallback;
  }

  /** Whether any of the logs takes lines of this level: asked before a line is put together. */
  wants(settings: Settings, level: LogLevel): boolean {
    const errorLogs = this.logsOf(settings);
    for (let i = 0; i < errorLogs.length; i++) {
      if (severities[level] <= severities[errorLogs[i].level]) return true;
    }
    return false;
  }

  /** @param message a byte string; control characters in it (a client can put them there) are written as \xXX */
  write(settings: Settings, level: LogLevel, message: string): void {
    const text = `${errorLogDate(Date.now())} [${level}] ${this.tag}: ${printable(message)}`;
    let isWritten = false;
    for (const log of this.logsOf(settings)) {
      if (severities[level] > severities[log.level]) continue;
      log.target.write(`${text}\n`, severities[level] - 1);
      isWritten = true;
    }
    if (isWritten) recordError(text);
  }

  /** An errno (positive) as nginx prints it. */
  describe(errno: number): string {
    return errnoText(errno);
  }
}

function printable(message: string): string {
  return message.replace(
    /[\0-\x1f\x7f]/g,
    char => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
  );
}
