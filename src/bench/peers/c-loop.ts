import { cPeer } from './c-program.js';

/**
 * The least that a server can do: it finds the path in a request, opens the file, and sends a head and the file by sendfile, in one loop over
 * epoll, in C; or by two pread of 32 KB and one writev, as `sendfile off` does it. Nothing is checked that an ordinary client would not do;
 * it serves one connection after the other.
 */
const source = String.raw`
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int by_copies;

/* As much as is told to be left, or what the socket takes. */
static ssize_t copy(int client, int file, int epoll, off_t offset) {
  static char buffer[2][32 * 1024] __attribute__((aligned(4096)));
  struct iovec parts[2];
  ssize_t length = 0, left;
  for (int i = 0; i < 2; i++) {
    ssize_t count = pread(file, buffer[i], sizeof buffer[i], offset + length);
    if (count < 0) return -1;
    parts[i] = (struct iovec){buffer[i], count};
    length += count;
  }
  struct epoll_event event;
  struct iovec *part = parts;
  for (left = length; left > 0;) {
    ssize_t sent = writev(client, part, parts + 2 - part);
    if (sent < 0 && errno != EAGAIN) return -1;
    if (sent < 0) epoll_wait(epoll, &event, 1, -1);
    if (sent <= 0) continue;
    left -= sent;
    for (; part < parts + 2 && sent >= (ssize_t)part->iov_len; part++) sent -= part->iov_len;
    if (part < parts + 2) *part = (struct iovec){(char *)part->iov_base + sent, part->iov_len - sent};
  }
  return length;
}

static void answer(int client, int epoll, const char *root, char *request) {
  char *path = strchr(request, ' ') + 1;
  *strchr(path, ' ') = 0;
  char name[8192], head[256];
  snprintf(name, sizeof name, "%s%s", root, path);
  int file = open(name, O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status) < 0) exit(1);
  int length = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %lld\r\n\r\n", (long long)status.st_size);
  send(client, head, length, MSG_MORE | MSG_NOSIGNAL);
  struct epoll_event event;
  for (off_t offset = 0; offset < status.st_size;) {
    if (by_copies) {
      ssize_t copied = copy(client, file, epoll, offset);
      if (copied <= 0) break;
      offset += copied;
      continue;
    }
    ssize_t sent = sendfile(client, file, &offset, status.st_size - offset);
    if (sent > 0) continue;
    if (sent == 0 || errno != EAGAIN) break;
    epoll_wait(epoll, &event, 1, -1);
  }
  close(file);
}

static void serve(int client, int epoll, const char *root) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET};
  epoll_ctl(epoll, EPOLL_CTL_ADD, client, &event);
  char request[8192];
  for (size_t have = 0;;) {
    ssize_t count = recv(client, request + have, sizeof request - 1 - have, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) {
      epoll_wait(epoll, &event, 1, -1);
      continue;
    }
    if (count <= 0) break;
    have += count;
    request[have] = 0;
    if (strstr(request, "\r\n\r\n") == NULL) continue;
    answer(client, epoll, root, request);
    have = 0;
  }
  close(client);
}

int main(int count, char **words) {
  if (count < 3) return 2;
  by_copies = count > 3;
  signal(SIGPIPE, SIG_IGN); /* a client may leave in the midst of a download */
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(words[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1, epoll = epoll_create1(0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 128) < 0) return 1;
  for (int client; (client = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) serve(client, epoll, words[2]);
}
`;

const settings = 'one process, one connection after the other';

export const cLoop = cPeer({
  ...{ name: 'c-loop', settings, source },
  about: 'a loop over sendfile in C, the least that a server can do',
});

export const cLoopOff = cPeer({
  ...{ name: 'c-loop-off', settings, source },
  about: 'the same by pread into two buffers of 32 KB and writev',
  words: ['copies'],
});
