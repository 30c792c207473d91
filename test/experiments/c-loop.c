/*
 * The limit that `zerocopy send` and `zerocopy receive` are held against: the same system calls with the same block
 * size and socket options, in C. One process sends a file over loopback TCP, another one takes it; both sockets are
 * non-blocking and wait in epoll.
 *
 *   cc -O2 -Wall -Wextra -o c-loop c-loop.c
 *   c-loop PATH --mode sendfile|read-write --offset moving|fixed --block BYTES --size BYTES
 *          [--sndbuf BYTES] [--rcvbuf BYTES] [--sink discard|memory|store-rw|store-splice] [--output FILE]
 *
 * Prints one line of JSON: bytes, seconds, gbps (10^9 bits a second), and the CPU seconds of both processes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum sink { DISCARD, MEMORY, STORE_READ_WRITE, STORE_SPLICE };

static const char *const sink_names[] = {"discard", "memory", "store-rw", "store-splice"};

struct options {
  const char *path;
  const char *output;
  bool read_write; /* pread and send; else sendfile */
  bool fixed;      /* each block from the file's start again */
  size_t block;
  off_t size;
  int sndbuf, rcvbuf; /* 0: the kernel's own choice */
  enum sink sink;
};

/* What the receiver tells the parent. */
struct figures {
  off_t bytes;
  double seconds;
};

/* What one call that drops, or splices, is asked for; and the pipe that the pages go through. */
static const size_t most_at_once = 16 << 20;
static const int pipe_size = 1 << 20;
/* Bytes that are there before the receiver is woken (src/transfer/tcp/receive-stream.ts). */
static const int worth_waking = 512 << 10;

__attribute__((noreturn, format(printf, 1, 2))) static void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("c-loop: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

static long check(long returned, const char *call) {
  if (returned < 0) fail("%s: %s", call, strerror(errno));
  return returned;
}

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

static char *block_of(size_t bytes) {
  char *block = aligned_alloc(4096, (bytes + 4095) & ~(size_t)4095);
  if (block == NULL) fail("no memory for a block");
  return block;
}

/* Past the system's limit where we may, else up to it; 0 leaves it to the kernel. */
static void set_buffer(int fd, int forced, int limited, int size) {
  if (size == 0 || setsockopt(fd, SOL_SOCKET, forced, &size, sizeof size) == 0) return;
  check(setsockopt(fd, SOL_SOCKET, limited, &size, sizeof size), "setsockopt");
}

/* The one socket, edge-triggered: it is always used until it gives EAGAIN. */
static int watch(int fd, uint32_t events) {
  int epoll = (int)check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  struct epoll_event event = {.events = events | EPOLLRDHUP | EPOLLET};
  check(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
  return epoll;
}

static void wait_for_event(int epoll) {
  struct epoll_event event;
  if (epoll_wait(epoll, &event, 1, -1) < 0 && errno != EINTR) fail("epoll_wait: %s", strerror(errno));
}

static bool again(void) { return errno == EAGAIN || errno == EINTR; }

/* ---- the sender ---- */

struct sender {
  const struct options *options;
  int socket, file;
  size_t block_size;
  char *block;
  size_t length, sent; /* of the block that was read last */
};

static ssize_t send_by_sendfile(struct sender *self, off_t offset, size_t count) {
  off_t in_block = self->options->fixed ? offset % (off_t)self->block_size : 0;
  off_t at = self->options->fixed ? in_block : offset;
  return sendfile(self->socket, self->file, &at, least(self->block_size - (size_t)in_block, count));
}

/* Figure 3 of the paper: reads a block, and sends until all of it is out. */
static ssize_t send_by_read_write(struct sender *self, off_t offset, size_t count) {
  if (self->sent == self->length) {
    off_t at = self->options->fixed ? 0 : offset;
    ssize_t got = pread(self->file, self->block, least(self->block_size, count), at);
    if (got <= 0) return got;
    self->length = (size_t)got;
    self->sent = 0;
  }
  ssize_t sent = send(self->socket, self->block + self->sent, self->length - self->sent, MSG_NOSIGNAL);
  if (sent > 0) self->sent += (size_t)sent;
  return sent;
}

/* A block that is sent again and again is no larger than the file. */
static size_t repeated_block(const struct options *options, int file) {
  struct stat status;
  check(fstat(file, &status), "fstat");
  return options->fixed && status.st_size > 0 ? least(options->block, (size_t)status.st_size) : options->block;
}

static void run_sender(const struct options *options, const struct sockaddr_in *address) {
  struct sender self = {.options = options};
  self.file = (int)check(open(options->path, O_RDONLY | O_CLOEXEC), options->path);
  self.block_size = repeated_block(options, self.file);
  self.block = block_of(self.block_size);
  self.socket = (int)check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  set_buffer(self.socket, SO_SNDBUFFORCE, SO_SNDBUF, options->sndbuf);
  check(connect(self.socket, (const struct sockaddr *)address, sizeof *address), "connect");
  check(fcntl(self.socket, F_SETFL, O_NONBLOCK), "fcntl");
  int on = 1;
  check(setsockopt(self.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");

  int epoll = watch(self.socket, EPOLLIN | EPOLLOUT);
  for (off_t offset = 0; offset < options->size;) {
    size_t left = (size_t)(options->size - offset);
    ssize_t sent =
        options->read_write ? send_by_read_write(&self, offset, left) : send_by_sendfile(&self, offset, left);
    if (sent > 0) offset += sent;
    else if (sent == 0) fail("%s ends after %lld bytes", options->path, (long long)offset);
    else if (!again()) fail("sending: %s", strerror(errno));
    else if (errno == EAGAIN) wait_for_event(epoll);
  }
}

/* ---- the receiver ---- */

struct receiver {
  const struct options *options;
  int socket, file;
  int pipe[2];
  char *block;
  size_t filled;
};

static void write_all(int file, const char *from, size_t count, off_t offset) {
  for (size_t done = 0; done < count;) {
    ssize_t written = pwrite(file, from + done, count - done, offset + (off_t)done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("pwrite: %s", strerror(errno));
    done += (size_t)written;
  }
}

static void flush_block(struct receiver *self, off_t end) {
  write_all(self->file, self->block, self->filled, end - (off_t)self->filled);
  self->filled = 0;
}

/* Figure 8 of the paper: receives until the block is full, then writes it whole. */
static ssize_t store_by_read_write(struct receiver *self, off_t offset) {
  ssize_t got = recv(self->socket, self->block + self->filled, self->options->block - self->filled, 0);
  if (got <= 0) return got;
  self->filled += (size_t)got;
  if (self->filled == self->options->block) flush_block(self, offset + got);
  return got;
}

static ssize_t store_by_splice(struct receiver *self, off_t offset) {
  ssize_t got = splice(self->socket, NULL, self->pipe[1], NULL, most_at_once, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  for (ssize_t left = got; left > 0;) {
    off_t at = offset + (got - left);
    ssize_t written = splice(self->pipe[0], NULL, self->file, &at, (size_t)left, SPLICE_F_MOVE);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("splice: %s", strerror(errno));
    left -= written;
  }
  return got;
}

static ssize_t take(struct receiver *self, off_t offset) {
  switch (self->options->sink) {
    case DISCARD:
      return recv(self->socket, self->block, most_at_once, MSG_TRUNC);
    case MEMORY:
      return recv(self->socket, self->block, self->options->block, 0);
    case STORE_READ_WRITE:
      return store_by_read_write(self, offset);
    default:
      return store_by_splice(self, offset);
  }
}

static void run_receiver(const struct options *options, int listener, struct figures *figures) {
  struct receiver self = {.options = options};
  self.block = block_of(options->block);
  if (options->output != NULL)
    self.file = (int)check(open(options->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), options->output);
  if (options->sink == STORE_SPLICE) {
    check(pipe2(self.pipe, O_NONBLOCK | O_CLOEXEC), "pipe2");
    check(fcntl(self.pipe[1], F_SETPIPE_SZ, pipe_size), "F_SETPIPE_SZ");
  }
  self.socket = (int)check(accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), "accept4");

  check(setsockopt(self.socket, SOL_SOCKET, SO_RCVLOWAT, &worth_waking, sizeof worth_waking), "SO_RCVLOWAT");
  int epoll = watch(self.socket, EPOLLIN);
  double begun = 0;
  for (;;) {
    ssize_t got = take(&self, figures->bytes);
    if (got == 0) break;
    if (got > 0) {
      if (begun == 0) begun = seconds_now();
      figures->bytes += got;
    } else if (!again()) fail("receiving: %s", strerror(errno));
    else if (errno == EAGAIN) wait_for_event(epoll);
  }
  if (options->sink == STORE_READ_WRITE) flush_block(&self, figures->bytes);
  figures->seconds = seconds_now() - begun;
}

/* ---- the parent ---- */

static int choice(const char *value, const char *const *names, int count, const char *option) {
  for (int index = 0; index < count; index++)
    if (strcmp(value, names[index]) == 0) return index;
  fail("%s %s: no such choice", option, value);
}

static long long bytes(const char *value, const char *option) {
  char *end;
  long long number = strtoll(value, &end, 10);
  if (*end != '\0' || number <= 0) fail("%s %s: a number of bytes is wanted", option, value);
  return number;
}

static struct options read_options(int count, char **words) {
  static const char *const modes[] = {"sendfile", "read-write"};
  static const char *const offsets[] = {"moving", "fixed"};
  struct options options = {.block = 128 * 1024};
  if (count < 2 || count % 2 != 0) fail("usage: c-loop PATH --mode MODE --offset OFFSET --block BYTES --size BYTES");
  options.path = words[1];
  for (int at = 2; at < count; at += 2) {
    const char *name = words[at], *value = words[at + 1];
    if (strcmp(name, "--mode") == 0) options.read_write = choice(value, modes, 2, name) == 1;
    else if (strcmp(name, "--offset") == 0) options.fixed = choice(value, offsets, 2, name) == 1;
    else if (strcmp(name, "--block") == 0) options.block = (size_t)bytes(value, name);
    else if (strcmp(name, "--size") == 0) options.size = (off_t)bytes(value, name);
    else if (strcmp(name, "--sndbuf") == 0) options.sndbuf = (int)bytes(value, name);
    else if (strcmp(name, "--rcvbuf") == 0) options.rcvbuf = (int)bytes(value, name);
    else if (strcmp(name, "--sink") == 0) options.sink = (enum sink)choice(value, sink_names, 4, name);
    else if (strcmp(name, "--output") == 0) options.output = value;
    else fail("%s: no such option", name);
  }
  if (options.size == 0) fail("--size is wanted");
  if ((options.sink >= STORE_READ_WRITE) != (options.output != NULL)) fail("--output goes with a sink that stores");
  return options;
}

static double cpu_seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec * 1e-6; }

static pid_t start(void (*run)(void *), void *with) {
  pid_t child = (pid_t)check(fork(), "fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    run(with);
    _exit(0);
  }
  return child;
}

struct plan {
  const struct options *options;
  struct sockaddr_in address;
  int listener;
  struct figures *figures;
};

static void be_sender(void *with) {
  struct plan *plan = with;
  close(plan->listener);
  run_sender(plan->options, &plan->address);
}

static void be_receiver(void *with) {
  struct plan *plan = with;
  run_receiver(plan->options, plan->listener, plan->figures);
}

static void open_listener(struct plan *plan) {
  plan->address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof plan->address;
  plan->listener = (int)check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  set_buffer(plan->listener, SO_RCVBUFFORCE, SO_RCVBUF, plan->options->rcvbuf);
  check(bind(plan->listener, (struct sockaddr *)&plan->address, length), "bind");
  check(listen(plan->listener, 1), "listen");
  check(getsockname(plan->listener, (struct sockaddr *)&plan->address, &length), "getsockname");
}

int main(int count, char **words) {
  struct options options = read_options(count, words);
  struct plan plan = {.options = &options};
  plan.figures = mmap(NULL, sizeof *plan.figures, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (plan.figures == MAP_FAILED) fail("mmap: %s", strerror(errno));
  open_listener(&plan);

  pid_t receiver = start(be_receiver, &plan);
  pid_t sender = start(be_sender, &plan);
  close(plan.listener);
  struct rusage sender_cost = {0}, receiver_cost = {0};
  for (int left = 2; left > 0; left--) {
    int status;
    struct rusage cost;
    pid_t child = (pid_t)check(wait4(-1, &status, 0, &cost), "wait4");
    if (child == sender) sender_cost = cost;
    else receiver_cost = cost;
    if (status != 0) {
      if (left == 2) kill(child == sender ? receiver : sender, SIGKILL);
      fail("the %s failed", child == sender ? "sender" : "receiver");
    }
  }

  const struct figures *figures = plan.figures;
  long long came = (long long)figures->bytes, wanted = (long long)options.size;
  if (came != wanted) fail("%lld bytes of %lld came", came, wanted);
  printf("{\"bytes\":%lld,\"seconds\":%.6f,\"gbps\":%.3f,\"senderUser\":%.6f,\"senderSystem\":%.6f,"
         "\"receiverUser\":%.6f,\"receiverSystem\":%.6f}\n",
         came, figures->seconds, (double)came * 8 / figures->seconds / 1e9,
         cpu_seconds(sender_cost.ru_utime), cpu_seconds(sender_cost.ru_stime), cpu_seconds(receiver_cost.ru_utime),
         cpu_seconds(receiver_cost.ru_stime));
  return 0;
}
