import { common, cPeer } from './c-program.js';

/**
 * The same with io_uring (io_uring(7)), by its bare calls: one recv that goes on for each connection (IORING_RECV_MULTISHOT, into buffers that the
 * kernel chooses), and whatever a turn sends is handed over in the call that waits. A large file goes by splice through a pipe, or by
 * IORING_OP_SEND_ZC out of a mapping of it.
 */
const source = `${common}
#include <linux/io_uring.h>

enum { entries = 1024, buffers = 1024, buffer_size = 4096, piece = 1024 * 1024 };
enum kind { accepted, received, sent, spliced_in, spliced_out, zero_copied };

static int ring;
static unsigned *sq_head, *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail, *cq_mask, waiting;
static struct io_uring_sqe *sqes;
static struct io_uring_cqe *cqes;
static struct io_uring_buf_ring *free_buffers;
static char *memory;
static int by_zero_copy;

static struct connection {
  struct file *file;
  off_t offset, left;
  int pipe[2];
  int in_pipe;
  int pending; /* what the ring still does with the descriptors */
  int has_left;
} connections[most_connections];

static void set_up(void) {
  struct io_uring_params p = {.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE};
  p.cq_entries = 8 * entries;
  if ((ring = syscall(SYS_io_uring_setup, entries, &p)) < 0) die("io_uring_setup");
  size_t size = p.cq_off.cqes + p.cq_entries * sizeof *cqes;
  if (size < p.sq_off.array + p.sq_entries * sizeof *sq_array) size = p.sq_off.array + p.sq_entries * sizeof *sq_array;
  char *rings = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
  sqes = mmap(NULL, p.sq_entries * sizeof *sqes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
  if (rings == MAP_FAILED || sqes == MAP_FAILED) die("mmap");
  sq_head = (unsigned *)(rings + p.sq_off.head);
  sq_tail = (unsigned *)(rings + p.sq_off.tail);
  sq_mask = (unsigned *)(rings + p.sq_off.ring_mask);
  sq_array = (unsigned *)(rings + p.sq_off.array);
  cq_head = (unsigned *)(rings + p.cq_off.head);
  cq_tail = (unsigned *)(rings + p.cq_off.tail);
  cq_mask = (unsigned *)(rings + p.cq_off.ring_mask);
  cqes = (struct io_uring_cqe *)(rings + p.cq_off.cqes);
  /* its threads splice, and are to have the core that this process has */
  cpu_set_t own;
  if (sched_getaffinity(0, sizeof own, &own) < 0) die("sched_getaffinity");
  if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_IOWQ_AFF, &own, sizeof own) < 0) die("io_uring_register");
}

static void give_buffer(int id) {
  unsigned short tail = free_buffers->tail;
  struct io_uring_buf *one = &free_buffers->bufs[tail & (buffers - 1)];
  one->addr = (uintptr_t)(memory + id * buffer_size);
  one->len = buffer_size - 1;
  one->bid = id;
  __atomic_store_n(&free_buffers->tail, tail + 1, __ATOMIC_RELEASE);
}

static void set_up_buffers(void) {
  memory = mmap(NULL, buffers * buffer_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  free_buffers = mmap(NULL, buffers * sizeof(struct io_uring_buf), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct io_uring_buf_reg reg = {.ring_addr = (uintptr_t)free_buffers, .ring_entries = buffers};
  if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_PBUF_RING, &reg, 1) < 0) die("io_uring_register");
  for (int id = 0; id < buffers; id++) give_buffer(id);
}

static void submit(int wait) {
  int done = syscall(SYS_io_uring_enter, ring, waiting, wait, IORING_ENTER_GETEVENTS, NULL, 0);
  if (done < 0 && errno != EINTR) die("io_uring_enter");
  if (done > 0) waiting -= done;
}

static struct io_uring_sqe *ask(int opcode, int fd, enum kind kind, int client) {
  while (waiting == entries) submit(0);
  unsigned tail = *sq_tail;
  struct io_uring_sqe *sqe = &sqes[tail & *sq_mask];
  memset(sqe, 0, sizeof *sqe);
  sqe->opcode = opcode;
  sqe->fd = fd;
  sqe->user_data = (uint64_t)client << 8 | kind;
  sq_array[tail & *sq_mask] = tail & *sq_mask;
  __atomic_store_n(sq_tail, tail + 1, __ATOMIC_RELEASE);
  waiting += 1;
  return sqe;
}

static void ask_for_requests(int client) {
  struct io_uring_sqe *sqe = ask(IORING_OP_RECV, client, received, client);
  sqe->ioprio = IORING_RECV_MULTISHOT;
  sqe->flags = IOSQE_BUFFER_SELECT;
}

static void ask_for_connections(int listener) {
  ask(IORING_OP_ACCEPT, listener, accepted, 0)->ioprio = IORING_ACCEPT_MULTISHOT;
}

static struct io_uring_sqe *move(int opcode, int fd, enum kind kind, int client) {
  connections[client].pending += 1;
  return ask(opcode, fd, kind, client);
}

static void splice_out(int client, int length) {
  struct io_uring_sqe *out = move(IORING_OP_SPLICE, client, spliced_out, client);
  out->splice_fd_in = connections[client].pipe[0];
  out->splice_off_in = -1;
  out->off = -1;
  out->len = length;
  out->splice_flags = SPLICE_F_MOVE;
}

static void next_piece(int client) {
  struct connection *c = &connections[client];
  int length = c->left < piece ? c->left : piece;
  if (length == 0) return;
  if (by_zero_copy) {
    struct io_uring_sqe *sqe = move(IORING_OP_SEND_ZC, client, zero_copied, client);
    sqe->addr = (uintptr_t)(c->file->mapped + c->offset);
    sqe->len = length;
    sqe->msg_flags = MSG_WAITALL | MSG_NOSIGNAL;
    return;
  }
  struct io_uring_sqe *in = move(IORING_OP_SPLICE, c->pipe[1], spliced_in, client);
  in->splice_fd_in = c->file->fd;
  in->splice_off_in = c->offset;
  in->off = -1;
  in->len = length;
  in->flags = IOSQE_IO_LINK;
  splice_out(client, length);
}

static void begin(int client, struct file *file) {
  struct connection *c = &connections[client];
  send(client, file->answer, file->length, MSG_MORE | MSG_NOSIGNAL);
  if (by_zero_copy && file->mapped == NULL) {
    file->mapped = mmap(NULL, file->size, PROT_READ, MAP_SHARED | MAP_POPULATE, file->fd, 0);
    if (file->mapped == MAP_FAILED) die("mmap");
  }
  if (!by_zero_copy && c->pipe[1] == 0) {
    if (pipe2(c->pipe, O_NONBLOCK) < 0) die("pipe2");
    fcntl(c->pipe[1], F_SETPIPE_SZ, piece);
  }
  c->file = file;
  c->offset = 0;
  c->left = file->size;
  next_piece(client);
}

static void answer(int client, char *request) {
  struct file *file = find(request);
  if (file->size > small) {
    begin(client, file);
    return;
  }
  struct io_uring_sqe *sqe = ask(IORING_OP_SEND, client, sent, client);
  sqe->addr = (uintptr_t)file->answer;
  sqe->len = file->length;
  sqe->msg_flags = MSG_NOSIGNAL | MSG_WAITALL;
  sqe->flags = IOSQE_CQE_SKIP_SUCCESS;
}

static void release(int client) {
  struct connection *c = &connections[client];
  if (c->pipe[1] != 0) {
    close(c->pipe[0]);
    close(c->pipe[1]);
  }
  memset(c, 0, sizeof *c);
  close(client);
}

/* The descriptors are others' only when the ring has let go of them. */
static void leave(int client) {
  connections[client].has_left = 1;
  shutdown(client, SHUT_RDWR);
  if (connections[client].pending == 0) release(client);
}

static void on_request(int client, int result, unsigned flags) {
  if (result > 0) {
    int id = flags >> IORING_CQE_BUFFER_SHIFT;
    char *request = memory + id * buffer_size;
    request[result] = 0;
    answer(client, request);
    give_buffer(id);
  } else if (result != -ENOBUFS) {
    leave(client);
    return;
  }
  if (!(flags & IORING_CQE_F_MORE)) ask_for_requests(client);
}

static void on_spliced_out(int client, int result) {
  struct connection *c = &connections[client];
  if (result > 0) {
    c->in_pipe -= result;
    c->left -= result;
  } else if (result != -ECANCELED && result != -EAGAIN) {
    return;
  }
  if (c->in_pipe > 0) splice_out(client, c->in_pipe);
  else next_piece(client);
}

static void on_moved(int client, enum kind kind, int result) {
  struct connection *c = &connections[client];
  c->pending -= 1;
  if (c->has_left) {
    if (c->pending == 0) release(client);
  } else if (kind == spliced_out) {
    on_spliced_out(client, result);
  } else if (kind == spliced_in) {
    if (result <= 0) exit(1);
    c->in_pipe += result;
    c->offset += result;
  } else if (result > 0) {
    c->offset += result;
    c->left -= result;
    next_piece(client);
  }
}

static void on_event(struct io_uring_cqe *cqe, int listener) {
  int client = cqe->user_data >> 8, result = cqe->res, one = 1;
  enum kind kind = cqe->user_data & 255;
  switch (kind) {
    case accepted:
      if (result < 0 || result >= most_connections) exit(1);
      setsockopt(result, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      ask_for_requests(result);
      if (!(cqe->flags & IORING_CQE_F_MORE)) ask_for_connections(listener);
      return;
    case received:
      on_request(client, result, cqe->flags);
      return;
    case sent:
      return;
    default:
      if (!(cqe->flags & IORING_CQE_F_NOTIF)) on_moved(client, kind, result);
  }
}

int main(int count, char **words) {
  if (count < 3) return 2;
  root = words[2];
  by_zero_copy = count > 3;
  int listener = listen_on(atoi(words[1]));
  set_up();
  set_up_buffers();
  ask_for_connections(listener);
  for (;;) {
    submit(1);
    unsigned head = *cq_head, tail = __atomic_load_n(cq_tail, __ATOMIC_ACQUIRE);
    for (; head != tail; head++) {
      struct io_uring_cqe cqe = cqes[head & *cq_mask];
      __atomic_store_n(cq_head, head + 1, __ATOMIC_RELEASE);
      on_event(&cqe, listener);
    }
  }
}
`;

const settings = 'one process, without a log; files stay open';

export const cUring = cPeer({
  ...{ name: 'c-uring', settings, source },
  about: 'the same by io_uring; a large file by splice',
});

export const cUringZeroCopy = cPeer({
  ...{ name: 'c-uring-zc', settings, source },
  about: 'the same by io_uring; a large file by send_zc out of a mapping',
  words: ['zero-copy'],
});
