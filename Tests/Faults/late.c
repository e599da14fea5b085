/* Loaded with LD_PRELOAD, has a program tell on standard error, when it exits, whether libcrypto still stands then.
 *
 * It is called after libcrypto's own function for that, as whatever threads are still at work are: what is registered first
 * is called last.
 */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

#pragma weak OPENSSL_init_crypto

static void tell(void) {
    if (OPENSSL_init_crypto) fprintf(stderr, "libcrypto %s\n", OPENSSL_init_crypto(0, NULL) ? "stands" : "is gone");
}

__attribute__((constructor)) static void begin(void) {
    unsetenv("LD_PRELOAD"); /* Not in what the program starts. */
    atexit(tell);
}
