import { common, cPeer } from './c-program.js';

/** A request is one recv; a small file is one writev out of memory, a large one sendfile. No log, no date, no check. */
const source = `${common}
static struct {
  struct file *file;
  off_t offset;
} sending[most_connections];

static void go_on(int client) {
  struct file *file = sending[client].file;
  while (file != NULL && sending[client].offset < file->size) {
    ssize_t sent = sendfile(client, file->fd, &sending[client].offset, file->size - sending[client].offset);
    if (sent > 0) continue;
    if (sent < 0 && errno == EAGAIN) return;
    break;
  }
  sending[client].file = NULL;
}

static void answer(int client, char *request) {
  struct file *file = find(request);
  struct iovec whole = {file->answer, file->length};
  if (file->size <= small) {
    if (writev(client, &whole, 1) != (ssize_t)file->length) close(client);
    return;
  }
  send(client, file->answer, file->length, MSG_MORE | MSG_NOSIGNAL);
  sending[client].file = file;
  sending[client].offset = 0;
  go_on(client);
}

int main(int count, char **words) {
  if (count < 3) return 2;
  root = words[2];
  int listener = listen_on(atoi(words[1])), epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[512];
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  static char request[4096];
  for (;;) {
    int ready = epoll_wait(epoll, events, 512, -1);
    for (int i = 0; i < ready; i++) {
      int client = events[i].data.fd;
      if (client == listener) {
        client = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (client >= most_connections) return 1;
        event = (struct epoll_event){.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.fd = client};
        epoll_ctl(epoll, EPOLL_CTL_ADD, client, &event);
        continue;
      }
      if (sending[client].file != NULL) go_on(client);
      if (!(events[i].events & EPOLLIN)) continue;
      ssize_t length = recv(client, request, sizeof request - 1, 0);
      if (length > 0) {
        request[length] = 0;
        answer(client, request);
      } else if (length == 0 || errno != EAGAIN) {
        sending[client].file = NULL;
        close(client);
      }
    }
  }
}
`;

export const cEpoll = cPeer({
  name: 'c-epoll',
  about: 'an epoll loop in C that answers out of memory, or by sendfile: the least that a server can do',
  source,
  settings: 'one process, without a log; files stay open',
});
