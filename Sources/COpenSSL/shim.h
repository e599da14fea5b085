#ifndef CERTD_COPENSSL_SHIM_H
#define CERTD_COPENSSL_SHIM_H

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

/*
 * Digests without a context or a provider: fetching one makes libcrypto read its configuration, which takes longer than
 * a thousand digests. OpenSSL 3.0 deprecates these functions in favour of that; they are in every 3.x.
 */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/* The digest of two texts, one behind the other, of which the second may be a private key. */
static inline void certd_sha256(const void *first, size_t first_count, const void *second, size_t second_count,
                                unsigned char digest[SHA256_DIGEST_LENGTH]) {
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, first, first_count);
    SHA256_Update(&context, second, second_count);
    SHA256_Final(digest, &context);
    OPENSSL_cleanse(&context, sizeof context);
}

static inline void certd_sha1(const void *bytes, size_t count, unsigned char digest[SHA_DIGEST_LENGTH]) {
    SHA_CTX context;
    SHA1_Init(&context);
    SHA1_Update(&context, bytes, count);
    SHA1_Final(digest, &context);
}

#pragma GCC diagnostic pop

/* Macros of OpenSSL, which Swift cannot see. */

static inline long certd_ssl_ctx_set_min_proto_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version);
}

static inline long certd_ssl_ctx_set_max_cert_list(SSL_CTX *context, long bytes) {
    return SSL_CTX_set_max_cert_list(context, bytes);
}

static inline int certd_judge_nothing(X509_STORE_CTX *context, void *argument) {
    (void)context;
    (void)argument;
    return 1;
}

/* SSL_VERIFY_NONE alone lets libssl build and judge a chain all the same, and then forget the verdict. */
static inline void certd_ssl_ctx_judge_no_certificates(SSL_CTX *context) {
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_cert_verify_callback(context, certd_judge_nothing, NULL);
}

static inline long certd_ssl_set_host_name(SSL *ssl, const char *name) {
    return SSL_set_tlsext_host_name(ssl, name);
}

static inline long certd_ssl_ctx_set_signature_algorithms(SSL_CTX *context, const char *list) {
    return SSL_CTX_set1_sigalgs_list(context, list);
}

/* How many kinds of client certificate the server asked for; 0 where it asked for none (before TLS 1.3 only). */
static inline long certd_ssl_requested_client_certificate_types(SSL *ssl) {
    return SSL_get0_certificate_types(ssl, NULL);
}

/* Adds the directory of SSL_CERT_DIR, else the one that libcrypto was built with. */
static inline int certd_add_default_directory(X509_LOOKUP *lookup) {
    return X509_LOOKUP_add_dir(lookup, NULL, X509_FILETYPE_DEFAULT);
}

/* Takes the next certificate out of a list: the caller owns it. NULL once the list is empty. */
static inline X509 *certd_next_certificate(STACK_OF(X509) *certificates) {
    return sk_X509_shift(certificates);
}

/* Frees a list and what is left in it. */
static inline void certd_free_certificates(STACK_OF(X509) *certificates) {
    sk_X509_pop_free(certificates, X509_free);
}

#endif
