/*
 * Makes a tree as certbot keeps it, with many lineages: DIR/live, DIR/archive, DIR/renewal, and DIR/root.pem, the anchor.
 *
 *     make-tree DIR COUNT [--leaf ec|rsa] [--issuer p256|p384|rsa] [--now SECONDS] [--generation N]
 *
 * The certificates have Let's Encrypt's shape: a P-256 leaf for 1 to 12 names with two timestamps (SCTs), an intermediate
 * (P-384 unless said otherwise), a P-384 root that is no part of the chain. The same arguments make the same bytes: keys
 * and signatures come from SHA-256 of what they are for instead of from chance, so nothing here is to be trusted.
 * A thousand lineages take about a second.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* ECDSA with a chosen nonce, and keys by their numbers, need the functions below EVP. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/conf.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_LENGTH = 64, MOST_NAMES = 12, RSA_KEYS = 8, SCT_LENGTH = 119, LIFETIME = 90 * 86400 };

static void die(const char *what) {
    fprintf(stderr, "make-tree: %s: %s\n", what, strerror(errno));
    ERR_print_errors_fp(stderr);
    exit(1);
}

static void need(int holds, const char *what) {
    if (!holds) die(what);
}

/* SHA-256 of a text, in blocks of 32 bytes as many as asked for: the source of everything that would be random. */
static void derive(unsigned char *bytes, size_t count, const char *format, ...) {
    char text[256];
    unsigned char block[32];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text - 12, format, arguments);
    va_end(arguments);
    for (size_t at = 0; at < count; at += 32) {
        int whole = length + snprintf(text + length, 12, " %zu", at);
        need(EVP_Digest(text, whole, block, NULL, EVP_sha256(), NULL), "digest");
        memcpy(bytes + at, block, count - at < 32 ? count - at : 32);
    }
}

static BIGNUM *derived_number(int bits, const char *label, int index) {
    unsigned char bytes[256];
    derive(bytes, (bits + 7) / 8, "%s %d %d", label, index, bits);
    return BN_bin2bn(bytes, (bits + 7) / 8, NULL);
}

static EVP_PKEY *ec_key(int curve, const char *label, int index) {
    EC_KEY *key = EC_KEY_new_by_curve_name(curve);
    const EC_GROUP *group = EC_KEY_get0_group(key);
    BIGNUM *secret = derived_number(EC_GROUP_get_degree(group) - 1, label, index);
    EC_POINT *point = EC_POINT_new(group);
    need(EC_POINT_mul(group, point, secret, NULL, NULL, NULL) && EC_KEY_set_private_key(key, secret) &&
             EC_KEY_set_public_key(key, point),
         "EC key");
    EVP_PKEY *pkey = EVP_PKEY_new();
    need(EVP_PKEY_assign_EC_KEY(pkey, key), "EC key");
    EC_POINT_free(point);
    BN_free(secret);
    return pkey;
}

static BIGNUM *derived_prime(int bits, const char *label, int index, const BIGNUM *exponent, BN_CTX *context) {
    BIGNUM *prime = derived_number(bits, label, index);
    BIGNUM *rest = BN_new();
    /* The two highest bits, so that the product has its full length; odd. */
    BN_set_bit(prime, bits - 1), BN_set_bit(prime, bits - 2), BN_set_bit(prime, 0);
    for (;; BN_add_word(prime, 2)) {
        if (BN_check_prime(prime, context, NULL) != 1) continue;
        BN_sub(rest, prime, BN_value_one());
        BN_gcd(rest, rest, exponent, context);
        if (BN_is_one(rest)) break;
    }
    BN_free(rest);
    return prime;
}

static EVP_PKEY *rsa_key(const char *label, int index) {
    BN_CTX *context = BN_CTX_new();
    BIGNUM *e = BN_new(), *n = BN_new(), *d = BN_new(), *phi = BN_new(), *dp = BN_new(), *dq = BN_new();
    BN_set_word(e, RSA_F4);
    BIGNUM *p = derived_prime(1024, label, 2 * index, e, context);
    BIGNUM *q = derived_prime(1024, label, 2 * index + 1, e, context);
    if (BN_cmp(p, q) < 0) BN_swap(p, q);
    BIGNUM *p1 = BN_dup(p), *q1 = BN_dup(q);
    BN_sub_word(p1, 1), BN_sub_word(q1, 1);
    BN_mul(n, p, q, context), BN_mul(phi, p1, q1, context), BN_mod_inverse(d, e, phi, context);
    BN_mod(dp, d, p1, context), BN_mod(dq, d, q1, context);
    RSA *key = RSA_new();
    need(RSA_set0_key(key, n, e, d) && RSA_set0_factors(key, p, q) &&
             RSA_set0_crt_params(key, dp, dq, BN_mod_inverse(NULL, q, p, context)),
         "RSA key");
    EVP_PKEY *pkey = EVP_PKEY_new();
    need(EVP_PKEY_assign_RSA(pkey, key), "RSA key");
    BN_free(p1), BN_free(q1), BN_free(phi), BN_CTX_free(context);
    return pkey;
}

/* Signs, with a nonce that comes from the key's index and the digest where the algorithm wants one. */
static int signature(EVP_PKEY *key, const EVP_MD *hash, const unsigned char *bytes, int count, unsigned char **out) {
    unsigned char digest[EVP_MAX_MD_SIZE], seed[32];
    unsigned length;
    need(EVP_Digest(bytes, count, digest, &length, hash, NULL), "digest");
    const EC_KEY *ec = EVP_PKEY_get0_EC_KEY(key);
    *out = OPENSSL_malloc(EVP_PKEY_get_size(key));
    if (!ec) {
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
        size_t size = EVP_PKEY_get_size(key);
        need(EVP_PKEY_sign_init(context) > 0 && EVP_PKEY_CTX_set_signature_md(context, hash) > 0 &&
                 EVP_PKEY_sign(context, *out, &size, digest, length) > 0,
             "RSA signature");
        EVP_PKEY_CTX_free(context);
        return (int)size;
    }
    const EC_GROUP *group = EC_KEY_get0_group(ec);
    const BIGNUM *order = EC_GROUP_get0_order(group);
    BN_CTX *context = BN_CTX_new();
    BIGNUM *nonce = BN_new(), *x = BN_new();
    EC_POINT *point = EC_POINT_new(group);
    derive(seed, sizeof seed, "nonce %02x%02x%02x%02x%02x%02x%02x%02x", digest[0], digest[1], digest[2], digest[3], digest[4],
           digest[5], digest[6], digest[7]);
    BN_bin2bn(seed, sizeof seed - 1, nonce);
    need(EC_POINT_mul(group, point, nonce, NULL, NULL, context) &&
             EC_POINT_get_affine_coordinates(group, point, x, NULL, context) && BN_nnmod(x, x, order, context) &&
             BN_mod_inverse(nonce, nonce, order, context),
         "nonce");
    ECDSA_SIG *sig = ECDSA_do_sign_ex(digest, length, nonce, x, (EC_KEY *)ec);
    need(sig != NULL, "ECDSA signature");
    unsigned char *end = *out;
    int size = i2d_ECDSA_SIG(sig, &end);
    ECDSA_SIG_free(sig), EC_POINT_free(point), BN_free(nonce), BN_free(x), BN_CTX_free(context);
    return size;
}

struct authority {
    X509 *certificate;
    EVP_PKEY *key;
};

static void add(X509 *certificate, X509 *issuer, int kind, const char *value) {
    X509V3_CTX context;
    static CONF *empty; /* The policies' reader insists on one. */
    if (!empty) empty = NCONF_new(NULL);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509V3_set_nconf(&context, empty);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    need(extension && X509_add_ext(certificate, extension, -1), value);
    X509_EXTENSION_free(extension);
}

/* What all certificates have; signed by seal() once the extensions are there. */
static X509 *begin(EVP_PKEY *key, const char *organization, const char *name, struct authority *issuer, long from, long to) {
    X509 *certificate = X509_new();
    X509_NAME *subject = X509_get_subject_name(certificate);
    unsigned char serial[18];
    derive(serial, sizeof serial, "serial %s %ld", name, from);
    serial[0] = 5; /* positive, as long as Let's Encrypt's */
    BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    X509_set_version(certificate, X509_VERSION_3);
    if (organization) {
        X509_NAME_add_entry_by_txt(subject, "C", MBSTRING_UTF8, (const unsigned char *)"US", -1, -1, 0);
        X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, (const unsigned char *)organization, -1, -1, 0);
    }
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(certificate, issuer ? X509_get_subject_name(issuer->certificate) : subject);
    ASN1_TIME_set(X509_getm_notBefore(certificate), from);
    ASN1_TIME_set(X509_getm_notAfter(certificate), to);
    need(X509_set_pubkey(certificate, key), "public key");
    return certificate;
}

static void seal(X509 *certificate, EVP_PKEY *key) {
    int is_rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA, bits = EVP_PKEY_get_bits(key);
    const EVP_MD *hash = is_rsa || bits < 384 ? EVP_sha256() : EVP_sha384();
    int kind = is_rsa ? NID_sha256WithRSAEncryption : bits < 384 ? NID_ecdsa_with_SHA256 : NID_ecdsa_with_SHA384;
    int parameters = is_rsa ? V_ASN1_NULL : V_ASN1_UNDEF;
    const ASN1_BIT_STRING *sig;
    const X509_ALGOR *outer, *inner = X509_get0_tbs_sigalg(certificate);
    X509_get0_signature(&sig, &outer, certificate);
    X509_ALGOR_set0((X509_ALGOR *)outer, OBJ_nid2obj(kind), parameters, NULL);
    X509_ALGOR_set0((X509_ALGOR *)inner, OBJ_nid2obj(kind), parameters, NULL);
    unsigned char *bytes = NULL, *made;
    int count = i2d_re_X509_tbs(certificate, &bytes);
    int size = signature(key, hash, bytes, count, &made);
    ASN1_STRING_set0((ASN1_STRING *)sig, made, size);
    ((ASN1_STRING *)sig)->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 7L);
    ((ASN1_STRING *)sig)->flags |= ASN1_STRING_FLAG_BITS_LEFT;
    OPENSSL_free(bytes);
}

static struct authority authority(const char *name, EVP_PKEY *key, struct authority *issuer, long now) {
    long year = 365L * 86400;
    X509 *made = begin(key, issuer ? "Benchmark CA" : "Benchmark Root", name, issuer, now - year, now + 2 * year);
    X509 *above = issuer ? issuer->certificate : made;
    add(made, above, NID_key_usage, "critical,digitalSignature,keyCertSign,cRLSign");
    add(made, above, NID_basic_constraints, issuer ? "critical,CA:TRUE,pathlen:0" : "critical,CA:TRUE");
    add(made, above, NID_subject_key_identifier, "hash");
    if (issuer) {
        add(made, above, NID_ext_key_usage, "clientAuth,serverAuth");
        add(made, above, NID_authority_key_identifier, "keyid");
        add(made, above, NID_info_access, "caIssuers;URI:http://x2.i.benchmark.example/");
        add(made, above, NID_certificate_policies, "2.23.140.1.2.1");
    }
    seal(made, issuer ? issuer->key : key);
    return (struct authority){made, key};
}

/* Two signed certificate timestamps in form only: nothing here looks into them. */
static void add_timestamps(X509 *certificate, const char *name) {
    unsigned char list[2 + 2 * (2 + SCT_LENGTH)] = {0, sizeof list - 2}, *sct = list + 2;
    for (int i = 0; i < 2; i++, sct += 2 + SCT_LENGTH) {
        sct[0] = 0, sct[1] = SCT_LENGTH;
        derive(sct + 2, SCT_LENGTH, "sct %s %d", name, i);
        sct[2] = 0;
    }
    ASN1_OCTET_STRING *inner = ASN1_OCTET_STRING_new(), *outer = ASN1_OCTET_STRING_new();
    unsigned char *bytes = NULL;
    ASN1_OCTET_STRING_set(inner, list, sizeof list);
    int count = i2d_ASN1_OCTET_STRING(inner, &bytes);
    ASN1_OCTET_STRING_set(outer, bytes, count);
    X509_EXTENSION *extension = X509_EXTENSION_create_by_NID(NULL, NID_ct_precert_scts, 0, outer);
    need(extension && X509_add_ext(certificate, extension, -1), "timestamps");
    X509_EXTENSION_free(extension), ASN1_OCTET_STRING_free(inner), ASN1_OCTET_STRING_free(outer), OPENSSL_free(bytes);
}

static X509 *leaf(const char *name, int index, EVP_PKEY *key, struct authority *issuer, long from) {
    char names[MOST_NAMES * (NAME_LENGTH + 16)];
    size_t length = snprintf(names, sizeof names, "DNS:%s", name);
    for (int more = index % MOST_NAMES; more > 0; more--)
        length += snprintf(names + length, sizeof names - length, ",DNS:host%d.%s", more, name);
    X509 *made = begin(key, NULL, name, issuer, from, from + LIFETIME - 1);
    int is_rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
    add(made, issuer->certificate, NID_key_usage,
        is_rsa ? "critical,digitalSignature,keyEncipherment" : "critical,digitalSignature");
    add(made, issuer->certificate, NID_ext_key_usage, "serverAuth,clientAuth");
    add(made, issuer->certificate, NID_basic_constraints, "critical,CA:FALSE");
    add(made, issuer->certificate, NID_subject_key_identifier, "hash");
    add(made, issuer->certificate, NID_authority_key_identifier, "keyid");
    add(made, issuer->certificate, NID_info_access, "caIssuers;URI:http://e7.i.benchmark.example/");
    add(made, issuer->certificate, NID_subject_alt_name, names);
    add(made, issuer->certificate, NID_certificate_policies, "2.23.140.1.2.1");
    add_timestamps(made, name);
    seal(made, issuer->key);
    return made;
}

static void write_file(const char *path, mode_t mode, const char *bytes, long count) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    need(file >= 0 && write(file, bytes, count) == count && close(file) == 0, path);
}

static void make_directory(const char *path, mode_t mode) { need(mkdir(path, mode) == 0 || errno == EEXIST, path); }

static BIO *pem(X509 *first, X509 *second) {
    BIO *text = BIO_new(BIO_s_mem());
    need((!first || PEM_write_bio_X509(text, first)) && (!second || PEM_write_bio_X509(text, second)), "PEM");
    return text;
}

static void write_pem(const char *path, mode_t mode, BIO *text) {
    char *bytes;
    long count = BIO_get_mem_data(text, &bytes);
    write_file(path, mode, bytes, count);
    BIO_free(text);
}

/* Writes one generation as certbot does for a new lineage, and points live at it. */
static void write_lineage(const char *tree, const char *name, int generation, X509 *leaf, X509 *above, EVP_PKEY *key) {
    static const char *const kinds[] = {"cert", "privkey", "chain", "fullchain"};
    char path[4096], link[4096], target[256];
    snprintf(path, sizeof path, "%s/archive/%s", tree, name);
    make_directory(path, 0755);
    snprintf(path, sizeof path, "%s/live/%s", tree, name);
    make_directory(path, 0755);
    BIO *secret = BIO_new(BIO_s_mem());
    need(PEM_write_bio_PKCS8PrivateKey(secret, key, NULL, NULL, 0, NULL, NULL), "private key");
    BIO *texts[] = {pem(leaf, NULL), secret, pem(above, NULL), pem(leaf, above)};
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/archive/%s/%s%d.pem", tree, name, kinds[i], generation);
        write_pem(path, i == 1 ? 0600 : 0644, texts[i]);
        snprintf(link, sizeof link, "%s/live/%s/%s.pem", tree, name, kinds[i]);
        snprintf(target, sizeof target, "../../archive/%s/%s%d.pem", name, kinds[i], generation);
        unlink(link);
        need(symlink(target, link) == 0, link);
    }
    char text[4096];
    int length = snprintf(text, sizeof text,
                          "version = 5.5.0\narchive_dir = %s/archive/%s\ncert = %s/live/%s/cert.pem\n"
                          "privkey = %s/live/%s/privkey.pem\nchain = %s/live/%s/chain.pem\n"
                          "fullchain = %s/live/%s/fullchain.pem\n\n[renewalparams]\nauthenticator = standalone\n"
                          "server = https://acme-v02.api.letsencrypt.org/directory\nkey_type = ecdsa\n",
                          tree, name, tree, name, tree, name, tree, name, tree, name);
    snprintf(path, sizeof path, "%s/renewal/%s.conf", tree, name);
    write_file(path, 0644, text, length);
}

int main(int count, char **words) {
    const char *leaf_kind = "ec", *issuer_kind = "p384";
    long now = 1795392000; /* 2026-11-23T00:00:00Z */
    int generation = 1;
    if (count < 3 || count % 2 == 0) {
        fprintf(stderr, "usage: make-tree DIR COUNT [--leaf ec|rsa] [--issuer p256|p384|rsa] [--now SECONDS] "
                        "[--generation N]\n");
        return 2;
    }
    const char *tree = words[1];
    int lineages = atoi(words[2]);
    for (int i = 3; i < count; i += 2) {
        if (!strcmp(words[i], "--leaf")) leaf_kind = words[i + 1];
        else if (!strcmp(words[i], "--issuer")) issuer_kind = words[i + 1];
        else if (!strcmp(words[i], "--now")) now = atol(words[i + 1]);
        else if (!strcmp(words[i], "--generation")) generation = atoi(words[i + 1]);
        else return fprintf(stderr, "make-tree: %s is no option\n", words[i]), 2;
    }
    int has_rsa_leaves = !strcmp(leaf_kind, "rsa");
    umask(022);
    char path[4096];
    make_directory(tree, 0755);
    const char *const directories[] = {"live", "archive", "renewal"};
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", tree, directories[i]);
        make_directory(path, i < 2 ? 0700 : 0755);
    }
    struct authority root = authority("Benchmark Root X2", ec_key(NID_secp384r1, "root", 0), NULL, now);
    EVP_PKEY *key = !strcmp(issuer_kind, "rsa")    ? rsa_key("issuer", 0)
                    : !strcmp(issuer_kind, "p256") ? ec_key(NID_X9_62_prime256v1, "issuer", 0)
                                                   : ec_key(NID_secp384r1, "issuer", 0);
    struct authority issuer = authority("E7", key, &root, now);
    snprintf(path, sizeof path, "%s/root.pem", tree);
    write_pem(path, 0644, pem(root.certificate, NULL));
    /* Making an RSA key takes as long as a hundred lineages; whose key it is makes no difference to a reader. */
    EVP_PKEY *rsa[RSA_KEYS] = {0};
    for (int i = 0; has_rsa_leaves && i < RSA_KEYS; i++) rsa[i] = rsa_key("leaf", i);
    for (int i = 0; i < lineages; i++) {
        char name[NAME_LENGTH];
        snprintf(name, sizeof name, "host-%06d.example.org", i);
        EVP_PKEY *own = has_rsa_leaves ? rsa[i % RSA_KEYS] : ec_key(NID_X9_62_prime256v1, "leaf", i + generation * 1000003);
        /* Issued within the last fifty days and before this hour, so that none is due for renewal. */
        X509 *made = leaf(name, i, own, &issuer, now - 3600 - (long)(i % 50) * 86400 / generation);
        write_lineage(tree, name, generation, made, issuer.certificate, own);
        X509_free(made);
        if (!has_rsa_leaves) EVP_PKEY_free(own);
    }
    return 0;
}
