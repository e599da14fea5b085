/*
 * Runs a command to its end and prints what it cost, as the kernel charges it: a line of JSON on standard output, in place
 * of the command's own output, which goes nowhere.
 *
 *     spend [--cores N] COMMAND...
 *
 * Being small itself it adds nothing to the command's peak memory, which a larger parent would. Exits as the command does.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Leaves the process the first N of the cores that it may use. */
static int keep_cores(int wanted) {
    cpu_set_t all, kept;
    if (sched_getaffinity(0, sizeof all, &all)) return -1;
    CPU_ZERO(&kept);
    for (int core = 0; core < CPU_SETSIZE && CPU_COUNT(&kept) < wanted; core++)
        if (CPU_ISSET(core, &all)) CPU_SET(core, &kept);
    return sched_setaffinity(0, sizeof kept, &kept);
}

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

int main(int count, char **words) {
    int first = 1;
    if (count > 3 && !strcmp(words[1], "--cores")) {
        if (keep_cores(atoi(words[2]))) return perror("spend: sched_setaffinity"), 125;
        first = 3;
    }
    if (count <= first) return fprintf(stderr, "usage: spend [--cores N] COMMAND...\n"), 125;
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    pid_t child = fork();
    if (child < 0) return perror("spend: fork"), 125;
    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY);
        if (nowhere < 0 || dup2(nowhere, STDOUT_FILENO) < 0) _exit(125);
        execvp(words[first], words + first);
        perror(words[first]);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (wait4(child, &status, 0, &usage) != child) return perror("spend: wait4"), 125;
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("{\"cpu\": %.6f, \"wall\": %.6f, \"peak_kib\": %ld}\n", seconds(usage.ru_utime) + seconds(usage.ru_stime),
           (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9, usage.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
