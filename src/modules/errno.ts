/** The errnos that modules tell apart, negative as the server returns them (errno(3)). */
export const ENOENT = -2;
export const EACCES = -13;
export const ENOTDIR = -20;
export const ENAMETOOLONG = -36;
export const ELOOP = -40;
export const EPERM = -1;
export const EEXIST = -17;
export const ENOSPC = -28;
