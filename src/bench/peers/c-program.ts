import { findCompiler } from '../../tools/programs.js';
import type { PeerKind } from './peer.js';

/** Servers in C that do as little as a server can: what the kernel's calls cost by themselves. They are compiled when they are started. */
export interface CProgram {
  readonly name: string;
  readonly about: string;
  /** Its text; `main` is handed a port and the document root, and `words`. */
  readonly source: string;
  readonly words?: readonly string[];
  readonly settings: string;
}

export function cPeer({ name, about, source, words = [], settings }: CProgram): PeerKind {
  return {
    ...{ name, about, settings, notes: [], isExperiment: true },
    needs: 'a compiler: cc, gcc or clang',
    find: () => findCompiler(),
    version: async () => '',
    configure: ({ folder, root, port }, compiler) => ({
      command: 'sh',
      args: [
        '-c',
        '"$1" -O2 -o "$2server" "$2server.c" && exe="$2server" && shift 2 && exec "$exe" "$@"',
        ...['sh', compiler, folder, `${port}`, root, ...words],
      ],
      files: { 'server.c': source },
      errorLog: 'error.log',
    }),
  };
}

/** What the programs that serve many connections begin with: a listener, and files that are opened once and answered from memory where they are small. */
export const common = String.raw`
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { small = 64 * 1024, most_connections = 16384 };

struct file {
  char name[256];
  int fd;
  off_t size;
  char *answer; /* the head, and what a small file holds */
  size_t length;
  char *mapped; /* a large one, where it is sent out of memory */
};

static const char *root;

static void die(const char *what) {
  perror(what);
  exit(1);
}

/* The file that a request names; those that were asked for stay open. */
static struct file *find(char *request) {
  static struct file files[64];
  static int count;
  char *path = strchr(request, ' ') + 1;
  size_t length = strcspn(path, " ");
  for (int i = 0; i < count; i++)
    if (strlen(files[i].name) == length && memcmp(files[i].name, path, length) == 0) return &files[i];
  if (count == 64) exit(1);
  struct file *file = &files[count++];
  snprintf(file->name, sizeof file->name, "%.*s", (int)length, path);
  char full[8192];
  snprintf(full, sizeof full, "%s%s", root, file->name);
  struct stat status;
  if ((file->fd = open(full, O_RDONLY)) < 0 || fstat(file->fd, &status) < 0) die(full);
  file->size = status.st_size;
  file->answer = malloc(256 + small);
  file->length = snprintf(file->answer, 256, "HTTP/1.1 200 OK\r\nContent-Length: %lld\r\n\r\n", (long long)file->size);
  if (file->size > small) return file;
  if (pread(file->fd, file->answer + file->length, small, 0) != file->size) die("pread");
  file->length += file->size;
  return file;
}

static int listen_on(int port) {
  signal(SIGPIPE, SIG_IGN); /* a client may leave in the midst of a download */
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 511) < 0) die("listen");
  return listener;
}
`;
