/*
 * Renews a lineage of a tree as certbot does, file operation by file operation, in its order; a library for ctypes.
 *
 * In C, because on a host that has few cores the daemon that is measured has what the renewer leaves of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const kinds[] = {"cert", "privkey", "chain", "fullchain"};
/* The order in which certbot writes them to the archive. */
static const char *const written[] = {"privkey", "cert", "chain", "fullchain"};
enum { KINDS = 4, KEPT = 6 /* the current generation and five before it */, ROOM = 5000 };

/* A path of this text. */
#define PATH(name, ...) char name[ROOM]; write_path(name, __VA_ARGS__)
__attribute__((format(printf, 2, 3))) static void write_path(char path[ROOM], const char *format, ...) {
    va_list parts;
    va_start(parts, format);
    if (vsnprintf(path, ROOM, format, parts) >= ROOM) abort();
    va_end(parts);
}

/* Copies a small file; 0 if all went well. */
static int copy(const char *from, const char *to, mode_t mode) {
    char bytes[65536];
    int source = open(from, O_RDONLY | O_CLOEXEC), target = -1, result = -1;
    ssize_t count = source < 0 ? -1 : read(source, bytes, sizeof bytes);
    if (count >= 0) target = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (target >= 0 && write(target, bytes, (size_t)count) == count) result = 0;
    if (target >= 0) close(target);
    if (source >= 0) close(source);
    return result;
}

/* The text of a link; 0 if there is one. */
static int link_text(const char *path, char text[ROOM]) {
    ssize_t length = readlink(path, text, ROOM - 1);
    if (length < 0) return -1;
    text[length] = 0;
    return 0;
}

/* The number at the end of where a link of certbot's leads; -1 where there is none. */
static int generation(const char *link) {
    char text[ROOM];
    if (link_text(link, text)) return -1;
    const char *name = strrchr(text, '/');
    name = name ? name + 1 : text;
    return atoi(name + strcspn(name, "0123456789"));
}

/*
 * Renews `lineage` below `tree` by its generation below `made`, as make-tree makes it. Gives when the last link was made, in
 * seconds of CLOCK_MONOTONIC, or a negative errno.
 */
double renew(const char *tree, const char *made, const char *lineage) {
    struct timespec last = {0};
    PATH(live, "%s/live/%s", tree, lineage);
    PATH(archive, "%s/archive/%s", tree, lineage);
    PATH(newest, "%s/live/%s/cert.pem", made, lineage);
    int number = generation(newest);
    if (number < 0) return -errno;
    for (int index = 0; index < KINDS; index++) {
        PATH(from, "%s/archive/%s/%s%d.pem", made, lineage, written[index], number);
        PATH(to, "%s/%s%d.pem", archive, written[index], number);
        if (copy(from, to, index == 0 ? 0600 : 0644)) return -errno;
    }
    PATH(configuration, "%s/renewal/%s.conf", tree, lineage);
    PATH(new_configuration, "%s.new", configuration);
    if (copy(configuration, new_configuration, 0644) || rename(new_configuration, configuration)) return -errno;
    for (int index = 0; index < KINDS; index++) {
        char text[ROOM];
        PATH(link, "%s/%s.pem", live, kinds[index]);
        PATH(previous, "%s/previous_%s.pem", live, kinds[index]);
        if (link_text(link, text) || symlink(text, previous)) return -errno;
    }
    for (int index = 0; index < KINDS; index++) {
        PATH(link, "%s/%s.pem", live, kinds[index]);
        PATH(text, "../../archive/%s/%s%d.pem", lineage, kinds[index], number);
        if (unlink(link) || symlink(text, link)) return -errno;
        clock_gettime(CLOCK_MONOTONIC, &last);
    }
    for (int index = 0; index < KINDS; index++) {
        PATH(previous, "%s/previous_%s.pem", live, kinds[index]);
        if (unlink(previous)) return -errno;
    }
    for (int index = 0; index < KINDS; index++) {
        PATH(old, "%s/%s%d.pem", archive, kinds[index], number - KEPT);
        if (unlink(old) && errno != ENOENT) return -errno;
    }
    return (double)last.tv_sec + (double)last.tv_nsec / 1e9;
}
