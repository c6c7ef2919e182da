/* The floor: nothing that sends and receives one message at a time can cost less than this.
 *
 *     client URL CONNS IN_FLIGHT SECONDS [WARMUP]
 *
 * Keeps IN_FLIGHT binary messages of 64 bytes on their way on each connection of an echo server. One `recv` and
 * one `send` per readable connection, a frame masked once at the start, and no parsing: the echo's size is
 * known. With several messages in flight everything that one `recv` brought is answered by one `send`.
 *
 * With IN_FLIGHT 0 it sends nothing and counts what a flood brings: messages of 100 bytes, 64 KiB a `recv`.
 *
 * Prints one JSON line (the fields are described in bench/README.md). CPU is that of this process between the
 * end of the warm-up and SECONDS later; afterwards nothing new is sent, what is on its way is awaited, and
 * `total` covers the whole life so that it can be compared with the server's count.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

enum {
    PAYLOAD = 64,
    SENT_FRAME = 2 + 4 + PAYLOAD,
    ECHO_FRAME = 2 + PAYLOAD,
    FLOOD_FRAME = 2 + 100,
    FLOOD_READ = 64 * 1024,
    MAX_IN_FLIGHT = 512,
    EVENTS = 1024,
    TICK_MS = 20,
};

struct conn {
    int fd;
    int partial; /* bytes of an echo that has not come whole */
};

static uint8_t frames[MAX_IN_FLIGHT * SENT_FRAME];
static uint8_t in_buffer[FLOOD_READ];
static int in_size = MAX_IN_FLIGHT * ECHO_FRAME, frame_size = ECHO_FRAME;

static void fail(const char *why) {
    fprintf(stderr, "client: %s\n", why);
    exit(1);
}

/* Returns how many bytes of messages came with the answer. */
static int upgrade(int fd, int port) {
    static const char key[] = "dGhlIHNhbXBsZSBub25jZQ==";
    char request[256], answer[1024], accept[ACCEPT_LENGTH + 1];
    int length = snprintf(request, sizeof request,
                          "GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n",
                          port, key);
    if (send(fd, request, (size_t)length, MSG_NOSIGNAL) != length) die("send");
    size_t have = 0;
    do {
        ssize_t received = recv(fd, answer + have, sizeof answer - 1 - have, 0);
        if (received <= 0) fail("the server ended the upgrade");
        have += (size_t)received;
        answer[have] = '\0';
    } while (!strstr(answer, "\r\n\r\n"));
    accept_key(key, accept);
    if (!strstr(answer, accept)) fail("the server did not accept the upgrade");
    return (int)(have - (size_t)(strstr(answer, "\r\n\r\n") + 4 - answer));
}

static struct conn dial(int port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket");
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    int partial = upgrade(fd, port) % frame_size;
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) die("fcntl");
    return (struct conn){.fd = fd, .partial = partial};
}

static void send_frames(int fd, int count) {
    /* At most IN_FLIGHT small frames are ever under way, so the socket buffer always has room. */
    ssize_t size = (ssize_t)count * SENT_FRAME;
    if (send(fd, frames, (size_t)size, MSG_NOSIGNAL) != size) die("send");
}

/* Returns how many messages came. */
static int receive(struct conn *c) {
    ssize_t received = recv(c->fd, in_buffer, (size_t)in_size, 0);
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (received <= 0) fail("the server ended a connection");
    int bytes = c->partial + (int)received;
    c->partial = bytes % frame_size;
    return bytes / frame_size;
}

int main(int argc, char **argv) {
    int port = 0;
    if (argc < 5 || argc > 6 || sscanf(argv[1], "ws://127.0.0.1:%d/", &port) != 1) {
        fprintf(stderr, "usage: client ws://127.0.0.1:PORT/ CONNS IN_FLIGHT SECONDS [WARMUP]\n");
        return 2;
    }
    int count = atoi(argv[2]), in_flight = atoi(argv[3]);
    double seconds = atof(argv[4]), warmup = argc == 6 ? atof(argv[5]) : 0.5;
    if (count < 1 || in_flight < 0 || in_flight > MAX_IN_FLIGHT) fail("CONNS or IN_FLIGHT out of range");
    raise_file_limit();
    if (in_flight == 0) in_size = FLOOD_READ, frame_size = FLOOD_FRAME;

    /* The same mask for every frame: a real client draws one per frame, which is not what is measured here. */
    static const uint8_t mask[4] = {0x12, 0x34, 0x56, 0x78};
    for (int i = 0; i < MAX_IN_FLIGHT; i++) {
        uint8_t *frame = frames + i * SENT_FRAME;
        put_header(frame, FIN | OP_BINARY, PAYLOAD);
        frame[1] |= MASKED;
        memcpy(frame + 2, mask, 4);
        for (int j = 0; j < PAYLOAD; j++) frame[6 + j] = 'x' ^ mask[j & 3];
    }

    int poller = epoll_create1(EPOLL_CLOEXEC);
    struct conn *conns = calloc((size_t)count, sizeof *conns);
    if (poller < 0 || !conns) die("epoll_create1");
    for (int i = 0; i < count; i++) {
        conns[i] = dial(port);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &conns[i]};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, conns[i].fd, &event) != 0) die("epoll_ctl");
    }
    for (int i = 0; i < count && in_flight; i++) send_frames(conns[i].fd, in_flight);

    uint64_t sent = (uint64_t)count * (uint64_t)in_flight, received = 0, before = 0, after = 0;
    double begins = monotonic_seconds() + warmup, started = 0, ended = 0, cpu = 0;
    struct epoll_event events[EVENTS];
    while (!ended || received < sent) {
        double now = monotonic_seconds();
        if (!started && now >= begins) started = now, before = received, cpu = cpu_seconds();
        else if (started && !ended && now >= started + seconds)
            ended = now, after = received, cpu = cpu_seconds() - cpu;
        int ready = epoll_wait(poller, events, EVENTS, TICK_MS);
        for (int i = 0; i < ready; i++) {
            struct conn *c = events[i].data.ptr;
            int echoes = receive(c);
            received += (uint64_t)echoes;
            if (echoes && in_flight && !ended) send_frames(c->fd, echoes), sent += (uint64_t)echoes;
        }
    }
    printf("{\"messages\": %llu, \"cpu_s\": %.6f, \"wall_s\": %.6f, \"started\": %.6f, \"ended\": %.6f, "
           "\"total\": %llu}\n",
           (unsigned long long)(after - before), cpu, ended - started, started, ended,
           (unsigned long long)received);
    return 0;
}
