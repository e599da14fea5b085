/* Breaks a program at one of the calls by which it changes something: files, or what another process is told.
 *
 * Loaded with LD_PRELOAD, it counts these calls of all threads together, from 1, and at one of them kills the program
 * before the call is made, or lets the call fail. strace cannot: its `when=N` counts every thread for itself.
 *
 *     FAULTS_PROGRAM  the program that is meant; in any other, such as the shell that starts it, nothing happens
 *     FAULTS_LOG      the file that gets a line for each counted call: its number, its name, and what it was made on
 *     FAULTS_AT       the number of the call
 *     FAULTS_ERRNO    the number that the call fails with; the program is killed where there is none
 *     FAULTS_LASTING  if set, the calls after that one fail too, as on a disk that is full and stays so
 *     FAULTS_FILES    if set, only calls on files count, not those on sockets
 *     FAULTS_BELOW    if set, only calls on paths count that have this text in them
 *
 * And, without any of these, as if the user had no more inotify watches to give:
 *
 *     FAULTS_WATCHES  how many watches are given
 *
 * And, as if the host's clock were wrong; libfaketime moves timers on the monotonic clock too, which it should not:
 *
 *     FAULTS_CLOCK    a file with the seconds by which the wall clock is ahead
 *
 * Opened by a process itself, it changes nothing until refuse() is called.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static bool active, lasting, files_only;
static const char *below;
static long at, failure;
static int log_file = -1;
static atomic_long counted;

__attribute__((constructor)) static void begin(void) {
    const char *program = getenv("FAULTS_PROGRAM"), *path = getenv("FAULTS_LOG"), *number = getenv("FAULTS_AT");
    if (!program || !path || !number || strcmp(program, program_invocation_short_name) != 0) return;
    at = atol(number);
    failure = getenv("FAULTS_ERRNO") ? atol(getenv("FAULTS_ERRNO")) : 0;
    lasting = getenv("FAULTS_LASTING") != NULL;
    files_only = getenv("FAULTS_FILES") != NULL;
    below = getenv("FAULTS_BELOW") ? strdup(getenv("FAULTS_BELOW")) : NULL;
    log_file = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    active = log_file >= 0;
    /* What the program starts is left alone. */
    unsetenv("LD_PRELOAD");
}

/* Counts a call, and dies or tells that it has to fail. */
static bool strikes(const char *call, int descriptor, const char *path) {
    if (!active) return false;
    char link[64], target[512] = "", line[640];
    if (!path) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
        ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, target, sizeof target - 1);
        target[length > 0 ? length : 0] = 0;
        path = target;
    }
    if (below && !strstr(path, below)) return false;
    long number = atomic_fetch_add(&counted, 1) + 1;
    int length = snprintf(line, sizeof line, "%ld %s %s\n", number, call, path);
    syscall(SYS_write, log_file, line, length);
    if (number != at && !(lasting && number > at)) return false;
    if (failure == 0) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
    errno = (int)failure;
    return true;
}

static bool is_regular(int descriptor) {
    struct stat status;
    return active && fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

static bool strikes_socket(const char *call, int descriptor) {
    return !files_only && strikes(call, descriptor, NULL);
}

/* The call that the program would have made. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int clock_gettime(clockid_t clock, struct timespec *now) {
    const char *path = getenv("FAULTS_CLOCK");
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result != 0 || !path || clock != CLOCK_REALTIME) return result;
    char text[32] = "";
    int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return result;
    syscall(SYS_read, file, text, sizeof text - 1);
    syscall(SYS_close, file);
    now->tv_sec += atol(text);
    return result;
}

int inotify_add_watch(int descriptor, const char *path, uint32_t mask) {
    static atomic_long given;
    const char *limit = getenv("FAULTS_WATCHES");
    int watch = REAL(inotify_add_watch)(descriptor, path, mask);
    if (watch < 0 || !limit) return watch;
    if (atomic_fetch_add(&given, 1) < atol(limit)) return watch;
    inotify_rm_watch(descriptor, watch);
    errno = ENOSPC;
    return -1;
}

#define OPEN(name, parameters, arguments)                                                                              \
    int name parameters {                                                                                              \
        mode_t mode = 0;                                                                                               \
        if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) {                                                                       \
            va_list rest;                                                                                              \
            va_start(rest, flags);                                                                                     \
            mode = va_arg(rest, mode_t);                                                                               \
            va_end(rest);                                                                                              \
            if (strikes(#name, -1, path)) return -1;                                                                   \
        }                                                                                                              \
        return REAL(name) arguments;                                                                                   \
    }
OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, (int directory, const char *path, int flags, ...), (directory, path, flags, mode))
OPEN(openat64, (int directory, const char *path, int flags, ...), (directory, path, flags, mode))

#define CALL(result, name, parameters, arguments, struck)                                                              \
    result name parameters { return (struck) ? -1 : REAL(name) arguments; }

CALL(ssize_t, write, (int file, const void *bytes, size_t count), (file, bytes, count),
     is_regular(file) && strikes("write", file, NULL))
CALL(ssize_t, pwrite, (int file, const void *bytes, size_t count, off_t offset), (file, bytes, count, offset),
     strikes("pwrite", file, NULL))
CALL(ssize_t, pwrite64, (int file, const void *bytes, size_t count, off64_t offset), (file, bytes, count, offset),
     strikes("pwrite64", file, NULL))
CALL(int, fsync, (int file), (file), strikes("fsync", file, NULL))
CALL(int, fdatasync, (int file), (file), strikes("fdatasync", file, NULL))
CALL(int, ftruncate, (int file, off_t size), (file, size), strikes("ftruncate", file, NULL))
CALL(int, ftruncate64, (int file, off64_t size), (file, size), strikes("ftruncate64", file, NULL))
CALL(int, fchmod, (int file, mode_t mode), (file, mode), strikes("fchmod", file, NULL))
CALL(int, fchown, (int file, uid_t owner, gid_t group), (file, owner, group), strikes("fchown", file, NULL))
CALL(int, flock, (int file, int operation), (file, operation), strikes("flock", file, NULL))
CALL(int, rename, (const char *from, const char *to), (from, to), strikes("rename", -1, to))
CALL(int, renameat, (int from, const char *old, int to, const char *new), (from, old, to, new),
     strikes("renameat", -1, new))
CALL(int, renameat2, (int from, const char *old, int to, const char *new, unsigned int flags),
     (from, old, to, new, flags), strikes("renameat2", -1, new))
CALL(int, link, (const char *from, const char *to), (from, to), strikes("link", -1, to))
CALL(int, linkat, (int from, const char *old, int to, const char *new, int flags), (from, old, to, new, flags),
     strikes("linkat", -1, new))
CALL(int, symlink, (const char *target, const char *path), (target, path), strikes("symlink", -1, path))
CALL(int, symlinkat, (const char *target, int directory, const char *path), (target, directory, path),
     strikes("symlinkat", -1, path))
CALL(int, unlink, (const char *path), (path), strikes("unlink", -1, path))
CALL(int, unlinkat, (int directory, const char *path, int flags), (directory, path, flags),
     strikes("unlinkat", -1, path))
CALL(int, mkdir, (const char *path, mode_t mode), (path, mode), strikes("mkdir", -1, path))
CALL(int, mkdirat, (int directory, const char *path, mode_t mode), (directory, path, mode),
     strikes("mkdirat", -1, path))
CALL(int, rmdir, (const char *path), (path), strikes("rmdir", -1, path))

CALL(int, connect, (int socket, const struct sockaddr *address, socklen_t size), (socket, address, size),
     strikes_socket("connect", socket))
CALL(ssize_t, send, (int socket, const void *bytes, size_t count, int flags), (socket, bytes, count, flags),
     strikes_socket("send", socket))
CALL(ssize_t, sendto,
     (int socket, const void *bytes, size_t count, int flags, const struct sockaddr *to, socklen_t size),
     (socket, bytes, count, flags, to, size), strikes_socket("sendto", socket))
CALL(ssize_t, sendmsg, (int socket, const struct msghdr *message, int flags), (socket, message, flags),
     strikes_socket("sendmsg", socket))

/* Has the kernel refuse every further `fsync` or `flock` of this process, in all its threads and for good. */
int refuse(const char *call, int error) {
    long number = strcmp(call, "fsync") == 0 ? SYS_fsync : strcmp(call, "flock") == 0 ? SYS_flock : -1;
    if (number < 0) return -1;
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof steps / sizeof steps[0], steps};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
}
