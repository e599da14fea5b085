// Linked into what the thread sanitizer watches: shows it Swift's Mutex.
//
// A Mutex that nobody holds is taken and given back by an atomic operation in its user's own code, which the sanitizer sees.
// One that somebody holds is the kernel's, by a futex (FUTEX_LOCK_PI) inside of libswiftSynchronization, which it does not:
// to it, who waited for the lock and who held it before share what they guard without any order. Threads that do nothing but
// `mutex.withLock { $0 += 1 }` are reported as a race, and are not with this; one that leaves out withLock still is.
//
// These two take the place of the library's functions (Swift 6.3, Synchronization/Mutex/LinuxImpl.swift), and call them.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *

// Absent from what is built for the build itself.
void __tsan_acquire(void *) __attribute__((weak));
void __tsan_release(void *) __attribute__((weak));

SWIFT void seen_lock(uint32_t thread, SELF mutex) __asm__(LOCK);
SWIFT void seen_unlock(SELF mutex) __asm__(UNLOCK);

SWIFT void seen_lock(uint32_t thread, SELF mutex) {
    SWIFT void (*lock)(uint32_t, SELF) = dlsym(RTLD_NEXT, LOCK);
    lock(thread, mutex);
    if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT void seen_unlock(SELF mutex) {
    SWIFT void (*unlock)(SELF) = dlsym(RTLD_NEXT, UNLOCK);
    if (__tsan_release) __tsan_release(mutex);
    unlock(mutex);
}
