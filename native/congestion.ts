import { readFileSync } from 'node:fs';

/** The congestion control that connections begin with (tcp(7), tcp_congestion_control): cubic, bbr …; 'unknown' where the system does not tell. */
export function congestionControl(): string {
  try {
    return readFileSync('/proc/sys/net/ipv4/tcp_congestion_control', 'latin1').trim();
  } catch {
    return 'unknown';
  }
}
