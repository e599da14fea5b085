extension Certificate {
    /// Whether the key of `issuer` signed this certificate; says nothing about names or dates.
    ///
    /// For many certificates of one issuer, keep an ``IssuerKey``.
    public func isSigned(by issuer: Certificate) -> Bool {
        (try? IssuerKey(issuer.publicKey))?.signed(self) ?? false
    }

    /// Has libcrypto load the certificate and its key: the last word before a deployment.
    ///
    /// What `memory` knows is not loaded again.
    ///
    /// - Throws: ``CertificateError/refusedByLibcrypto(_:)`` for what HAProxy could not load either.
    public func checkedByLibcrypto(recalling memory: SignatureMemory? = nil) throws(CertificateError) {
        if memory?.holds(loadable: self) == true { return }
        do throws(CryptoError) {
            _ = try X509Handle.parse(der.span).publicKey()
        } catch {
            throw .refusedByLibcrypto(error)
        }
        memory?.remember(loadable: self)
    }
}
