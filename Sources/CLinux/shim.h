#ifndef CERTD_CLINUX_SHIM_H
#define CERTD_CLINUX_SHIM_H

#include <malloc.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

// prctl(2) is variadic, which Swift does not import.
static inline int certd_forbid_dumps(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

// memfd_create(2) with close-on-exec; glibc declares it for _GNU_SOURCE only.
static inline int certd_memory_file(void) {
    return (int)syscall(SYS_memfd_create, "certd", 1U);
}

// How many cores this process may run on, which a service's CPUAffinity or a container's cpuset bounds; at least 1. glibc
// declares sched_getaffinity(2) for _GNU_SOURCE only.
static inline int certd_usable_cores(void) {
    unsigned long mask[128];
    long size = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
    int count = 0;
    for (long index = 0; index < size / (long)sizeof *mask; index++) count += __builtin_popcountl(mask[index]);
    return count > 0 ? count : 1;
}

// Bounds how long connect(2) and send(2) block. A `timeval` made in Swift does not build everywhere: which module defines
// it (Glibc or one of the compiler's own) depends on what was imported first.
static inline int certd_limit_sending(int descriptor, int milliseconds) {
    struct timeval limit = {.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
    return setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

// The build's date in seconds since 1970; 0 where the build did not say.
#ifndef CERTD_BUILD_TIME
#define CERTD_BUILD_TIME 0
#endif
static inline long long certd_build_time(void) {
    return CERTD_BUILD_TIME;
}

#endif
