/* Stands in place of the C library's calls and refuses some of them; see disk.rs for what each refusal was taken from. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int under(const char *path, const char *folder) {
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

/* The error of a lock on this file, or 0. */
static int refuses_lock(int fd) {
    const char *rule = getenv("HERALD_TEST_NO_LOCKS");
    const char *folder = rule ? strchr(rule, ':') : NULL;
    char link[64], path[PATH_MAX + 1];
    if (!folder) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX);
    if (length < 0) return 0;
    path[length] = 0;
    return under(path, folder + 1) ? atoi(rule) : 0;
}

int flock(int fd, int operation) {
    int error = (operation & LOCK_UN) ? 0 : refuses_lock(fd);
    if (error) { errno = error; return -1; }
    return ((int (*)(int, int))dlsym(RTLD_NEXT, "flock"))(fd, operation);
}

static int locked(const char *name, int fd, int command, void *argument) {
    int locks = command == F_SETLK || command == F_SETLKW || command == F_GETLK || command == F_OFD_SETLK;
    int error = locks ? refuses_lock(fd) : 0;
    if (error) { errno = error; return -1; }
    return ((int (*)(int, int, ...))dlsym(RTLD_NEXT, name))(fd, command, argument);
}

int fcntl(int fd, int command, ...) {
    va_list rest;
    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    return locked("fcntl", fd, command, argument);
}

int fcntl64(int fd, int command, ...) {
    va_list rest;
    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    return locked("fcntl64", fd, command, argument);
}

/* Waits where a file is read from this place on, for as long as somebody else holds the lock on the gate beside it. */
static void waits_for_what_is_far(int fd, off_t from) {
    const char *rule = getenv("HERALD_TEST_FAR");
    const char *file = rule ? strchr(rule, ':') : NULL;
    char link[64], path[PATH_MAX + 1], gate[PATH_MAX + 8];
    if (!file || from < atoll(rule)) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX);
    if (length < 0) return;
    path[length] = 0;
    if (strcmp(path, file + 1)) return;
    snprintf(gate, sizeof gate, "%s.gate", path);
    int held = open(gate, O_RDONLY | O_CLOEXEC);
    if (held < 0) return;
    flock(held, LOCK_SH);
    close(held);
}

/* SQLite reads at a place (os_unix.c, seekAndRead, USE_PREAD), under either name. */
ssize_t pread(int fd, void *into, size_t bytes, off_t from) {
    waits_for_what_is_far(fd, from);
    return ((ssize_t (*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, "pread"))(fd, into, bytes, from);
}

ssize_t pread64(int fd, void *into, size_t bytes, off64_t from) {
    waits_for_what_is_far(fd, from);
    return ((ssize_t (*)(int, void *, size_t, off64_t))dlsym(RTLD_NEXT, "pread64"))(fd, into, bytes, from);
}
