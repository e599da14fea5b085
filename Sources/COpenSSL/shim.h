#ifndef CERTD_COPENSSL_SHIM_H
#define CERTD_COPENSSL_SHIM_H

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* Macros of libssl, which Swift cannot see. */

static inline long certd_ssl_ctx_set_min_proto_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version);
}

static inline long certd_ssl_ctx_set_max_cert_list(SSL_CTX *context, long bytes) {
    return SSL_CTX_set_max_cert_list(context, bytes);
}

static inline long certd_ssl_set_host_name(SSL *ssl, const char *name) {
    return SSL_set_tlsext_host_name(ssl, name);
}

static inline long certd_ssl_set_signature_algorithms(SSL *ssl, const char *list) {
    return SSL_set1_sigalgs_list(ssl, list);
}

/* How many kinds of client certificate the server asked for; 0 where it asked for none (before TLS 1.3 only). */
static inline long certd_ssl_requested_client_certificate_types(SSL *ssl) {
    return SSL_get0_certificate_types(ssl, NULL);
}

#endif
