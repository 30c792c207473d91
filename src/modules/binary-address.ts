/** An IPv6 group that is left out by "::" is 0. */
const GROUPS = 8;

function ipv4Bytes(address: string): number[] {
  return address.split('.').map(Number);
}

function groupBytes(group: string): number[] {
  if (group.includes('.')) return ipv4Bytes(group);
  const value = Number.parseInt(group, 16);
  return [value >> 8, value & 0xff];
}

function ipv6Bytes(address: string): number[] {
  const [before, after] = address.split('::');
  const head = before === '' ? [] : before!.split(':').flatMap(groupBytes);
  const tail = after ? after.split(':').flatMap(groupBytes) : [];
  const zeros = new Array<number>(GROUPS * 2 - head.length - tail.length).fill(0);
  return [...head, ...zeros, ...tail];
}

/**
 * An address as the bytes of the network (nginx's $binary_remote_addr).
 * @param address as text; that of a unix socket is returned as it is
 * @returns a byte string of 4 or 16 bytes
 */
export function binaryAddress(address: string): string {
  if (address.startsWith('unix:')) return address;
  return String.fromCharCode(...(address.includes(':') ? ipv6Bytes(address) : ipv4Bytes(address)));
}
