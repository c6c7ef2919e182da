/* The target of every benchmark: one thread, one epoll, WebSocket over loopback.
 *
 *     server echo [PORT]       every data frame goes back as it came
 *     server flood N [PORT]    every connection is sent N messages of 100 bytes, then nothing
 *     server idle [PORT]       data frames are counted and dropped
 *     server fan-out [PORT]    every data frame goes to all who are there, but for who sent it
 *
 * The first line on stdout is the URL; SIGTERM or SIGINT prints one JSON line of counters and ends the
 * program. Pings are answered in every mode, a close frame is answered and the connection ended. All answers
 * to what one `recv` brought leave in one `send`. While an answer cannot leave, that connection is not read.
 *
 * It is a measuring device, not a server to copy: no TLS, no extension, no check of UTF-8, frames of at most
 * 1 MiB, loopback only.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

enum {
    MAX_FRAME = 1 << 20,
    MAX_REQUEST = 8192,
    READ_CHUNK = 64 * 1024,
    EVENTS = 1024,
    FLOOD_PAYLOAD = 100,
    FLOOD_FRAME = 2 + FLOOD_PAYLOAD,
    FLOOD_BLOCK = 640, /* frames per send: about 64 KiB */
};

enum mode { ECHO, FLOOD, IDLE, FAN_OUT };

/* UPGRADING until the request is whole, then OPEN; DRAINING after our close frame, until the peer's EOF. */
enum state { UPGRADING, OPEN, DRAINING };

struct conn {
    int fd;
    enum state state;
    uint8_t *in;  /* an unfinished frame or request, NULL when there is none */
    size_t in_len;
    uint8_t *out; /* answers the kernel did not take yet, NULL when there are none */
    size_t out_len, out_sent;
    uint64_t out_messages; /* data messages among them: counted when the last byte has left */
    uint64_t flood_sent;   /* bytes */
};

static enum mode mode;
static uint64_t flood_bytes;
static uint8_t flood_block[FLOOD_BLOCK * FLOOD_FRAME];

static int poller;
static struct conn **conns; /* by file descriptor */
static int beyond;          /* the highest descriptor so far, and one */
static uint64_t connections, messages_in, messages_out;

/* Shared by all connections: an idle connection owns no buffer. */
static uint8_t in_buffer[MAX_FRAME + READ_CHUNK];
static uint8_t out_buffer[MAX_FRAME + READ_CHUNK + 1024];
static size_t out_used;

static volatile sig_atomic_t stopping;

static void on_signal(int signal_number) {
    (void)signal_number;
    stopping = 1;
}

static void watch(struct conn *c, uint32_t events) {
    struct epoll_event event = {.events = events, .data.fd = c->fd};
    if (epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &event) != 0) die("epoll_ctl");
}

static void drop(struct conn *c) {
    close(c->fd);
    conns[c->fd] = NULL;
    free(c->in);
    free(c->out);
    free(c);
}

static bool would_block(void) { return errno == EAGAIN || errno == EINTR; }

static bool flooding(const struct conn *c) {
    return mode == FLOOD && c->state == OPEN && c->flood_sent < flood_bytes;
}

/* Sends what is left of the flood. False: the connection is gone. */
static bool flood(struct conn *c) {
    while (flooding(c)) {
        size_t offset = c->flood_sent % FLOOD_FRAME;
        uint64_t left = flood_bytes - c->flood_sent;
        size_t size = sizeof flood_block - offset;
        if (size > left) size = (size_t)left;
        ssize_t sent = send(c->fd, flood_block + offset, size, MSG_NOSIGNAL);
        if (sent < 0 && would_block()) return true;
        if (sent <= 0) {
            drop(c);
            return false;
        }
        messages_out += (c->flood_sent + (uint64_t)sent) / FLOOD_FRAME - c->flood_sent / FLOOD_FRAME;
        c->flood_sent += (uint64_t)sent;
    }
    return true;
}

/* The one place that decides what a connection waits for next. */
static void rearm(struct conn *c, bool was_writing) {
    bool writing = c->out != NULL || flooding(c);
    if (writing != was_writing) watch(c, writing ? EPOLLOUT : EPOLLIN);
}

static void on_writable(struct conn *c) {
    if (c->out) {
        ssize_t sent = send(c->fd, c->out + c->out_sent, c->out_len - c->out_sent, MSG_NOSIGNAL);
        if (sent < 0 && would_block()) return;
        if (sent <= 0) {
            drop(c);
            return;
        }
        c->out_sent += (size_t)sent;
        if (c->out_sent < c->out_len) return;
        messages_out += c->out_messages;
        free(c->out);
        c->out = NULL;
        c->out_len = c->out_sent = c->out_messages = 0;
        if (c->state == DRAINING) shutdown(c->fd, SHUT_WR);
    }
    if (flood(c)) rearm(c, true);
}

/* Puts what the kernel did not take behind what it did not take before. */
static void keep_answer(struct conn *c, const uint8_t *rest, size_t length, uint64_t messages) {
    if (!(c->out = realloc(c->out, c->out_len + length))) die("realloc");
    memcpy(c->out + c->out_len, rest, length);
    c->out_len += length;
    c->out_messages += messages;
}

/* Sends the batch in `out_buffer`, keeping what the kernel does not take. */
static void send_batch(struct conn *c, uint64_t batch_messages) {
    if (out_used) {
        ssize_t sent = send(c->fd, out_buffer, out_used, MSG_NOSIGNAL);
        if (sent < 0 && !would_block()) {
            drop(c);
            return;
        }
        if (sent < 0) sent = 0;
        if ((size_t)sent < out_used) {
            keep_answer(c, out_buffer + sent, out_used - (size_t)sent, batch_messages);
        } else {
            messages_out += batch_messages;
            if (c->state == DRAINING) shutdown(c->fd, SHUT_WR);
        }
    }
    if (c->out == NULL && !flood(c)) return;
    rearm(c, false);
}

/* Sends a frame to every other connection; `fin` is 1 where a message ends with it. */
static void fan_out(const struct conn *from, const uint8_t *frame, size_t size, uint64_t fin) {
    for (int fd = 0; fd < beyond; fd++) {
        struct conn *c = conns[fd];
        if (!c || c == from || c->state != OPEN) continue;
        bool was_writing = c->out != NULL;
        ssize_t sent = was_writing ? 0 : send(fd, frame, size, MSG_NOSIGNAL);
        if (sent < 0 && !would_block()) drop(c);
        else if (sent == (ssize_t)size) messages_out += fin;
        else {
            if (sent < 0) sent = 0;
            keep_answer(c, frame + sent, size - (size_t)sent, fin);
            rearm(c, was_writing);
        }
    }
}

static void unmask(uint8_t *to, const uint8_t *from, size_t length, const uint8_t key[4]) {
    uint64_t wide, word;
    memcpy(&wide, key, 4);
    memcpy((uint8_t *)&wide + 4, key, 4);
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        memcpy(&word, from + i, 8);
        word ^= wide;
        memcpy(to + i, &word, 8);
    }
    for (; i < length; i++) to[i] = from[i] ^ key[i & 3];
}

static void put_close(struct conn *c, uint16_t code) {
    out_used += put_header(out_buffer + out_used, FIN | OP_CLOSE, 2);
    out_buffer[out_used++] = (uint8_t)(code >> 8);
    out_buffer[out_used++] = (uint8_t)code;
    c->state = DRAINING;
}

/* Takes one frame from `data` and puts its answer, if any, into the batch. Returns its size, 0 if unfinished. */
static size_t take_frame(struct conn *c, const uint8_t *data, size_t available, uint64_t *batch_messages) {
    if (available < 2) return 0;
    size_t head = 2;
    uint64_t length = data[1] & 0x7F;
    if (length >= 126) {
        size_t width = length == 126 ? 2 : 8;
        if (available < head + width) return 0;
        length = 0;
        for (size_t i = 0; i < width; i++) length = length << 8 | data[head + i];
        head += width;
    }
    if (!(data[1] & MASKED)) {
        put_close(c, 1002);
        return available;
    }
    if (length > MAX_FRAME - 16) {
        put_close(c, 1009);
        return available;
    }
    if (available < head + 4 + length) return 0;

    const uint8_t *key = data + head;
    uint8_t opcode = data[0] & 0x0F, first = data[0] & (FIN | 0x0F);
    size_t size = head + 4 + (size_t)length;
    if (opcode < OP_CLOSE) {
        uint64_t whole = (first & FIN) ? 1 : 0; /* a fragmented message counts once, with its last frame */
        messages_in += whole;
        if (mode == FAN_OUT) {
            uint8_t *frame = out_buffer + out_used;
            size_t start = put_header(frame, first, length);
            unmask(frame + start, key + 4, (size_t)length, key);
            fan_out(c, frame, start + (size_t)length, whole);
        }
        if (mode != ECHO) return size;
        *batch_messages += whole;
    } else if (opcode == OP_PING) {
        first = FIN | OP_PONG;
    } else if (opcode == OP_CLOSE) {
        c->state = DRAINING;
    } else {
        return size; /* a pong */
    }
    out_used += put_header(out_buffer + out_used, first, length);
    unmask(out_buffer + out_used, key + 4, (size_t)length, key);
    out_used += (size_t)length;
    return size;
}

/* Answers the upgrade request. Returns its size, 0 if unfinished, -1 if it cannot be answered. */
static ssize_t take_request(struct conn *c, const uint8_t *data, size_t available) {
    static const char header[] = "\r\nsec-websocket-key:";
    const char *text = (const char *)data;
    const char *end = memmem(text, available, "\r\n\r\n", 4);
    if (!end) return available > MAX_REQUEST ? -1 : 0;
    const char *at = text;
    while (at < end && strncasecmp(at, header, sizeof header - 1) != 0) at++;
    if (at >= end) return -1;
    at += sizeof header - 1;
    while (*at == ' ') at++;
    if (end - at < 24) return -1;

    char accept[ACCEPT_LENGTH + 1];
    accept_key(at, accept);
    out_used += (size_t)sprintf((char *)out_buffer + out_used,
                                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                                accept);
    c->state = OPEN;
    connections++;
    return end + 4 - text;
}

static void keep_rest(struct conn *c, const uint8_t *rest, size_t length) {
    if (length == 0) {
        free(c->in);
        c->in = NULL;
    } else {
        if (!(c->in = realloc(c->in, length))) die("realloc");
        memcpy(c->in, rest, length);
    }
    c->in_len = length;
}

static void on_readable(struct conn *c) {
    size_t have = c->in_len;
    if (have) memcpy(in_buffer, c->in, have);
    ssize_t received = recv(c->fd, in_buffer + have, READ_CHUNK, 0);
    if (received < 0 && would_block()) return;
    if (received <= 0) {
        drop(c);
        return;
    }
    have += (size_t)received;
    size_t used = 0;
    uint64_t batch_messages = 0;
    out_used = 0;
    if (c->state == UPGRADING) {
        ssize_t size = take_request(c, in_buffer, have);
        if (size < 0) {
            drop(c);
            return;
        }
        used = (size_t)size;
    }
    while (c->state == OPEN) {
        size_t size = take_frame(c, in_buffer + used, have - used, &batch_messages);
        if (size == 0) break;
        used += size;
    }
    if (c->state == DRAINING) used = have;
    if (have != used || c->in) keep_rest(c, in_buffer + used, have - used);
    send_batch(c, batch_messages);
}

static void accept_all(int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return; /* nobody waits, or the limit is reached: the peer stays in the backlog */
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        struct conn *c = calloc(1, sizeof *c);
        if (!c) die("calloc");
        c->fd = fd;
        conns[fd] = c;
        if (fd >= beyond) beyond = fd + 1;
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll_ctl");
    }
}

static int listen_on_loopback(uint16_t port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (fd < 0) die("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr *)&address, size) != 0) die("bind");
    if (listen(fd, 16384) != 0) die("listen");
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0) die("getsockname");
    printf("ws://127.0.0.1:%u/\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

/* Reads the command line into `mode` and the flood, returns the port (0: any). */
static uint16_t configure(int argc, char **argv) {
    int next = 2;
    if (argc >= 2 && strcmp(argv[1], "echo") == 0) mode = ECHO;
    else if (argc >= 2 && strcmp(argv[1], "idle") == 0) mode = IDLE;
    else if (argc >= 2 && strcmp(argv[1], "fan-out") == 0) mode = FAN_OUT;
    else if (argc >= 3 && strcmp(argv[1], "flood") == 0) {
        mode = FLOOD;
        flood_bytes = strtoull(argv[next++], NULL, 10) * FLOOD_FRAME;
        for (int i = 0; i < FLOOD_BLOCK; i++) {
            uint8_t *frame = flood_block + i * FLOOD_FRAME;
            memset(frame + put_header(frame, FIN | OP_BINARY, FLOOD_PAYLOAD), 'f', FLOOD_PAYLOAD);
        }
    } else {
        fprintf(stderr, "usage: server echo [PORT] | flood N [PORT] | idle [PORT] | fan-out [PORT]\n");
        exit(2);
    }
    return next < argc ? (uint16_t)atoi(argv[next]) : 0;
}

int main(int argc, char **argv) {
    uint16_t port = configure(argc, argv);
    conns = calloc(raise_file_limit(), sizeof(struct conn *));
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (!conns || poller < 0) die("epoll_create1");

    /* Blocked except inside epoll_pwait, so that a signal cannot slip between the test and the wait. */
    sigset_t blocked, waiting;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
    sigprocmask(SIG_BLOCK, &blocked, &waiting);
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);

    int listener = listen_on_loopback(port);
    struct epoll_event events[EVENTS] = {{.events = EPOLLIN, .data.fd = listener}};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, listener, &events[0]) != 0) die("epoll_ctl");
    while (!stopping) {
        int ready = epoll_pwait(poller, events, EVENTS, -1, &waiting);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) accept_all(listener);
            else if (conns[fd] == NULL) continue; /* dropped earlier in this batch */
            else if (conns[fd]->out || flooding(conns[fd])) on_writable(conns[fd]);
            else on_readable(conns[fd]);
        }
    }
    printf("{\"connections\": %llu, \"messages_in\": %llu, \"messages_out\": %llu}\n",
           (unsigned long long)connections, (unsigned long long)messages_in, (unsigned long long)messages_out);
    return 0;
}
