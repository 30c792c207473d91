import { findCompiler } from '../../tools/programs.js';
import type { PeerKind } from './peer.js';

/**
 * The least that a server can do: it finds the path in a request, opens the file, and sends a head and the file by sendfile, in one loop over
 * epoll, in C. Nothing is checked that an ordinary client would not do; it serves one connection after the other.
 */
const source = String.raw`
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

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
  if (count != 3) return 2;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(words[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1, epoll = epoll_create1(0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 128) < 0) return 1;
  for (int client; (client = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) serve(client, epoll, words[2]);
}
`;

export const cServer: PeerKind = {
  name: 'c-loop',
  about: 'a loop over sendfile in C, the least that a server can do',
  needs: 'a compiler: cc, gcc or clang',
  find: () => findCompiler(),
  version: async () => '',
  configure: ({ folder, root, port }, compiler) => ({
    command: 'sh',
    args: ['-c', '"$1" -O2 -o "$2loop" "$2loop.c" && exec "$2loop" "$3" "$4"', 'sh', compiler, folder, `${port}`, root],
    files: { 'loop.c': source },
    errorLog: 'error.log',
  }),
  settings: 'one process, one connection after the other',
  notes: [],
};
