/*
 * The yardstick of a first check: has libcrypto verify the signature of each lineage's leaf by its intermediate, with
 * everything decoded beforehand, and prints what that took in seconds of CPU time.
 *
 *     verify TREE
 */
#include <dirent.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The CPU time of one verification; negative where the files are not as they should be. */
static double verify(const char *live, const char *lineage) {
    char path[5000];
    snprintf(path, sizeof path, "%s/%s/fullchain.pem", live, lineage);
    FILE *file = fopen(path, "r");
    if (!file) return -1;
    X509 *leaf = PEM_read_X509(file, NULL, NULL, NULL), *issuer = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    EVP_PKEY *key = issuer ? X509_get0_pubkey(issuer) : NULL;
    double begin = cpu_seconds();
    int holds = leaf && key && X509_verify(leaf, key) == 1;
    double taken = cpu_seconds() - begin;
    X509_free(leaf);
    X509_free(issuer);
    return holds ? taken : -1;
}

int main(int count, char **words) {
    char live[4096];
    if (count != 2) return fprintf(stderr, "usage: verify TREE\n"), 2;
    snprintf(live, sizeof live, "%s/live", words[1]);
    DIR *directory = opendir(live);
    if (!directory) return perror(live), 1;
    double taken = 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "README")) continue;
        double one = verify(live, entry->d_name);
        if (one < 0) return fprintf(stderr, "verify: %s: no leaf that the next certificate signed\n", entry->d_name), 1;
        taken += one;
    }
    closedir(directory);
    printf("%.6f\n", taken);
    return 0;
}
