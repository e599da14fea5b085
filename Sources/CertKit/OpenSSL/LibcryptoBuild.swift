internal import COpenSSL

/// Which libcrypto this process runs with: its version and when it was built, which a distribution's patch changes too.
public var libcryptoBuild: String {
    [OPENSSL_VERSION, OPENSSL_BUILT_ON].map { unsafe String(cString: OpenSSL_version($0)) }.joined(separator: ", ")
}
