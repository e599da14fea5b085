extension PEMBlock {
    /// Whether the block holds a certificate; the second label is an old one that OpenSSL reads too.
    public var isCertificate: Bool { label == "CERTIFICATE" || label == "X509 CERTIFICATE" }

    /// Decodes the certificate of a block of `text`.
    ///
    /// - Throws: ``PEMError/unreadable(file:line:_:)`` with the line of the fault.
    public func certificate(in text: Span<UInt8>, of file: @autoclosure () -> String) throws(PEMError) -> Certificate {
        let der = try decoded(text, of: file())
        do throws(CertificateError) {
            return try Certificate(der: der)
        } catch {
            throw .unreadable(file: file(), line: line, .unsoundContent(error.description))
        }
    }

    /// Decodes the private key of a block straight into its locked-down buffer.
    func privateKey(
        _ format: PrivateKey.Format, in text: Span<UInt8>, of file: @autoclosure () -> String,
        expecting expected: ExpectedKey?
    ) throws(PEMError) -> PrivateKey {
        let der: SecretBytes
        do throws(Base64.Failure) {
            der = try SecretBytes(capacity: Base64.decodedCapacity(body.count)) { (output) throws(Base64.Failure) in
                try Base64.decode(text, body, into: &output)
            }
        } catch {
            throw fault(error, in: text, of: file())
        }
        do throws(PrivateKeyError) {
            guard let expected else { return try PrivateKey(der: der, format: format) }
            return try PrivateKey(der: der, format: format, expecting: expected)
        } catch .typeRefused(let type) {
            throw .keyTypeRefused(file: file(), line: line, type: type)
        } catch {
            throw .unreadable(file: file(), line: line, .unsoundContent(error.description))
        }
    }

    /// Lets blocks of parameters pass, if they are sound, and names every other kind of block.
    func checkedAsParameters(in text: Span<UInt8>, of file: @autoclosure () -> String) throws(PEMError) {
        switch label {
        case "EC PARAMETERS", "DH PARAMETERS", "X9.42 DH PARAMETERS":
            let der = try decoded(text, of: file())
            do throws(DERError) {
                var cursor = DERCursor(0..<der.count)
                _ = try cursor.element(in: der.span)
                try cursor.finish()
            } catch {
                throw .unreadable(file: file(), line: line, .unsoundContent(error.fault.rawValue))
            }
        case "ENCRYPTED PRIVATE KEY": throw .encryptedKey(file: file(), line: line)
        case "PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST", "OPENSSH PRIVATE KEY":
            throw .notAPrivateKey(file: file(), line: line, label: label)
        case "DSA PRIVATE KEY": throw .keyTypeRefused(file: file(), line: line, type: "DSA")
        case "SM2 PRIVATE KEY": throw .keyTypeRefused(file: file(), line: line, type: "SM2")
        case "TRUSTED CERTIFICATE": throw .unreadable(file: file(), line: line, .trustedCertificate)
        default: throw .unreadable(file: file(), line: line, .unexpectedBlock(label: label))
        }
    }

    private func decoded(_ text: Span<UInt8>, of file: @autoclosure () -> String) throws(PEMError) -> [UInt8] {
        do throws(Base64.Failure) {
            return try [UInt8](capacity: Base64.decodedCapacity(body.count)) { (output) throws(Base64.Failure) in
                try Base64.decode(text, body, into: &output)
            }
        } catch {
            throw fault(error, in: text, of: file())
        }
    }

    /// Counts lines only now that one is needed.
    private func fault(_ failure: Base64.Failure, in text: Span<UInt8>, of file: @autoclosure () -> String) -> PEMError
    {
        var line = line + 1
        // The end of the body is the start of the END line; the fault is in the line before it.
        for index in body.lowerBound..<min(failure.position, body.upperBound - 1)
        where text[index] == UInt8(ascii: "\n") {
            line += 1
        }
        return .unreadable(file: file(), line: line, failure.fault)
    }
}
