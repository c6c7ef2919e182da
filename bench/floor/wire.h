/* What the benchmark server and the floor client both need, and nothing else.
 *
 * The upgrade answer (SHA-1 and base64 of the client's key), the size of a frame header, the clock, the CPU
 * time of this process and its file limit. Header-only, so that each program stays one translation unit that
 * any C compiler builds in one command. It knows neither sockets nor epoll.
 */
#ifndef K6WS_BENCH_WIRE_H
#define K6WS_BENCH_WIRE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { OP_CONTINUATION = 0x0, OP_TEXT = 0x1, OP_BINARY = 0x2, OP_CLOSE = 0x8, OP_PING = 0x9, OP_PONG = 0xA };
enum { FIN = 0x80, MASKED = 0x80, ACCEPT_LENGTH = 28 };

static inline void die(const char *what) {
    perror(what);
    exit(1);
}

/* CLOCK_MONOTONIC is shared by all processes, so the harness can place our window on its own time line. */
static inline double monotonic_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Raises the soft limit to the hard one and returns it, bounded so that it can size a table. */
static inline size_t raise_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) die("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) die("setrlimit");
    return limit.rlim_cur > (1u << 20) ? (1u << 20) : (size_t)limit.rlim_cur;
}

/* Writes the header of an unmasked frame and returns its length (2, 4 or 10). */
static inline size_t put_header(uint8_t *out, uint8_t first, uint64_t payload) {
    out[0] = first;
    if (payload < 126) {
        out[1] = (uint8_t)payload;
        return 2;
    }
    size_t width = payload < 65536 ? 2 : 8;
    out[1] = width == 2 ? 126 : 127;
    for (size_t i = 0; i < width; i++) out[2 + i] = (uint8_t)(payload >> (8 * (width - 1 - i)));
    return 2 + width;
}

static inline uint32_t rotate_left(uint32_t word, int bits) { return (word << bits) | (word >> (32 - bits)); }

/* One SHA-1 block (RFC 3174). */
static inline void sha1_block(uint32_t state[5], const uint8_t block[64]) {
    uint32_t w[80];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 |
               block[4 * i + 3];
    for (int i = 16; i < 80; i++) w[i] = rotate_left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int i = 0; i < 80; i++) {
        uint32_t f, k;
        if (i < 20) f = (b & c) | (~b & d), k = 0x5A827999;
        else if (i < 40) f = b ^ c ^ d, k = 0x6ED9EBA1;
        else if (i < 60) f = (b & c) | (b & d) | (c & d), k = 0x8F1BBCDC;
        else f = b ^ c ^ d, k = 0xCA62C1D6;
        uint32_t next = rotate_left(a, 5) + f + e + k + w[i];
        e = d, d = c, c = rotate_left(b, 30), b = a, a = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

/* Sec-WebSocket-Accept for a key of exactly 24 characters: base64(SHA-1(key + GUID)), 28 characters and NUL. */
static inline void accept_key(const char key[24], char out[ACCEPT_LENGTH + 1]) {
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    enum { TEXT = 24 + sizeof guid - 1 }; /* 60 bytes: two padded blocks, always */
    uint8_t message[128] = {0};
    memcpy(message, key, 24);
    memcpy(message + 24, guid, sizeof guid - 1);
    message[TEXT] = 0x80;
    message[126] = (TEXT * 8) >> 8;
    message[127] = (TEXT * 8) & 0xFF;
    uint32_t state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    sha1_block(state, message);
    sha1_block(state, message + 64);

    uint8_t digest[21] = {0}; /* one zero byte more, so that groups of three come out even */
    for (int i = 0; i < 20; i++) digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
    for (int i = 0; i < 7; i++) {
        uint32_t group = (uint32_t)digest[3 * i] << 16 | (uint32_t)digest[3 * i + 1] << 8 | digest[3 * i + 2];
        for (int j = 0; j < 4; j++) out[4 * i + j] = digits[group >> (18 - 6 * j) & 63];
    }
    out[27] = '=';
    out[ACCEPT_LENGTH] = '\0';
}

#endif
