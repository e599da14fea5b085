#ifndef CERTD_CLINUX_SHIM_H
#define CERTD_CLINUX_SHIM_H

#include <sys/inotify.h>
#include <sys/prctl.h>

// prctl(2) is variadic, which Swift does not import.
static inline int certd_forbid_dumps(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

#endif
