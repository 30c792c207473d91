import { SystemError } from '../../native/errno.js';
import { chown, FileStatus, statPath } from '../../native/file.js';
import type { LogTarget, SyslogServer } from '../conf/directive.js';
import type { Config } from '../conf/tree.js';
import type { EventLoop } from '../event/loop.js';
import type { OnLost } from './complaints.js';
import { LogFile } from './log-file.js';
import { NamedLogFiles } from './named-logs.js';
import { SyslogLog } from './syslog.js';

/** What chown(2) takes for "leave it as it is". */
const unchangedGroup = 0xffff_ffff;
const status = new FileStatus();
const standardOutputs: Record<string, number> = { '/dev/stdout': 1, '/dev/stderr': 2 };

/** The logs of a configuration, opened. */
export class Logs {
  private readonly files: LogFile[] = [];
  private readonly syslogs: SyslogLog[] = [];
  private readonly named = new NamedLogFiles();

  /** @param loop of the worker, for logs that are flushed after a time */
  constructor(
    private readonly config: Config,
    private readonly loop: EventLoop | null,
  ) {}

  /**
   * Opens them all, and puts them into the configuration's targets.
   * @throws SystemError when one cannot be opened; ConfigError where nobody knows the host of a syslog server
   */
  open(): void {
    for (const target of this.config.logs) {
      if (target.syslog === null) this.openFile(target);
      else this.openSyslog(target, target.syslog);
    }
    this.config.namedLogs.write = (path, line, cache) => this.named.write(path, line, cache);
  }

  /** @param onLost told of lines that could not be written, at most once a second for each log */
  watch(onLost: OnLost): void {
    for (const { complaints } of [...this.files, ...this.syslogs]) complaints.onLost = onLost;
    this.named.onLost = onLost;
  }

  /** After the files were moved away: opens them anew. One that cannot be opened goes on with its old file. */
  reopen(onFailure: (path: string, errno: number) => void): void {
    this.named.close();
    for (const file of this.files) {
      if (file.path in standardOutputs) continue;
      const returned = file.open();
      if (returned < 0) onFailure(file.path, -returned);
    }
  }

  /**
   * Gives the files to the workers' user, who has to be able to open them again by itself.
   * @param uid -1 for nobody: nothing is done
   */
  giveTo(uid: number): void {
    if (uid < 0) return;
    for (const { path } of this.files) {
      // what is no regular file (/dev/null, a pipe) is not ours to give
      if (statPath(path, status) >= 0 && status.isFile) chown(path, uid, unchangedGroup);
    }
  }

  close(): void {
    for (const log of [...this.files, ...this.syslogs, this.named]) log.close();
  }

  private openSyslog(target: LogTarget, server: SyslogServer): void {
    const log = new SyslogLog(server);
    this.syslogs.push(log);
    target.write = (line, severity) => log.write(line, severity);
  }

  private openFile(target: LogTarget): void {
    const { path, buffer, flush, gzip } = target;
    const file = new LogFile(path, this.loop, buffer, flush, gzip);
    if (path in standardOutputs) {
      file.adopt(standardOutputs[path]);
    } else {
      const returned = file.open();
      if (returned < 0) throw new SystemError(`open() "${path}"`, -returned);
    }
    this.files.push(file);
    target.write = line => file.write(line);
  }
}
