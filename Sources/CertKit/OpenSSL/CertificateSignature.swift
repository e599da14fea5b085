extension Certificate {
    /// Whether the key of `issuer` signed this certificate; says nothing about names or dates.
    public func isSigned(by issuer: Certificate) -> Bool {
        guard let certificate = try? X509Handle.parse(der.span),
            let key = try? PublicKeyHandle.parse(issuer.publicKey.bytes.span)
        else { return false }
        return certificate.isSigned(by: key)
    }

    /// Has libcrypto load the certificate and its key: the last word before a deployment.
    ///
    /// - Throws: ``CertificateError/refusedByLibcrypto(_:)`` for what HAProxy could not load either.
    public func checkedByLibcrypto() throws(CertificateError) {
        do throws(CryptoError) {
            _ = try X509Handle.parse(der.span).publicKey()
        } catch {
            throw .refusedByLibcrypto(error)
        }
    }
}
