/*
 * The yardstick of the benchmarks: opens, reads and closes fullchain.pem and privkey.pem of every lineage of a tree, and
 * does nothing with them. No program that looks at the files can be faster by much.
 *
 *     read2 TREE
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int read_whole(int directory, const char *lineage, const char *name) {
    static char path[512], bytes[1 << 16];
    snprintf(path, sizeof path, "%s/%s", lineage, name);
    int file = openat(directory, path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t count;
    while ((count = read(file, bytes, sizeof bytes)) > 0) {
    }
    close(file);
    return count < 0 ? -1 : 0;
}

int main(int count, char **words) {
    char path[4096];
    if (count != 2) return fprintf(stderr, "usage: read2 TREE\n"), 2;
    snprintf(path, sizeof path, "%s/live", words[1]);
    DIR *live = opendir(path);
    if (!live) return perror(path), 1;
    int lineages = 0;
    for (struct dirent *entry; (entry = readdir(live));) {
        if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "README")) continue;
        if (read_whole(dirfd(live), entry->d_name, "fullchain.pem") || read_whole(dirfd(live), entry->d_name, "privkey.pem"))
            return perror(entry->d_name), 1;
        lineages++;
    }
    printf("%d\n", lineages);
    return 0;
}
