/// What the extensions say (RFC 5280, section 4.2); nil or false where the extension is absent.
extension Certificate {
    /// The subject alternative names, in the order of the certificate.
    public var names: [SubjectName] { layout.extensions.names.map { SubjectName.all($0, of: der) } ?? [] }

    /// The host names among ``names``, as they are written.
    public var dnsNames: [String] {
        names.compactMap { name in
            guard case .dns(let host) = name else { return nil }
            return host
        }
    }

    /// Whether it may sign certificates (basic constraints).
    public var isCA: Bool { layout.extensions.isCA }
    /// How many intermediates may stand between it and a leaf (basic constraints); nil for any number.
    public var pathLength: Int? { layout.extensions.pathLength }
    /// What the key may be used for; nil for everything.
    public var keyUsage: KeyUsage? { layout.extensions.keyUsage }

    /// What the certificate may be used for, as dotted identifiers; nil for everything.
    public var extendedKeyUsages: [String]? {
        guard let usages = layout.extensions.extendedKeyUsages else { return nil }
        var identifiers: [String] = []
        var cursor = DERCursor(usages)
        while let usage = try? cursor.element(in: der.span) {
            identifiers.append(der.span.dottedIdentifier(usage.content))
        }
        return identifiers
    }

    /// Whether a server may show it: the extended key usages name serverAuth, or there are none (RFC 5280, 4.2.1.12).
    public var allowsServerAuthentication: Bool {
        layout.extensions.allowServerAuthentication(der.span)
    }

    /// Whether it names an OCSP responder (authority information access, RFC 5280, 4.2.2.1).
    public var namesOCSPResponder: Bool {
        var cursor = DERCursor(layout.extensions.all)
        while let found = try? Extension(&cursor, in: der.span) {
            guard der.span.objectIdentifier(found.identifier) == ObjectIdentifier.authorityInformationAccess else {
                continue
            }
            var value = DERCursor(found.value)
            guard var ways = try? value.enter(DERTag.sequence, in: der.span) else { return false }
            while var way = try? ways.enter(DERTag.sequence, in: der.span), let method = try? way.element(in: der.span)
            {
                if der.span.objectIdentifier(method.content) == ObjectIdentifier.ocsp { return true }
            }
        }
        return false
    }

    /// The identifier of its key.
    public var subjectKeyIdentifier: [UInt8]? { layout.extensions.subjectKeyIdentifier.map { der.span.copy($0) } }
    /// The identifier of its issuer's key.
    public var authorityKeyIdentifier: [UInt8]? { layout.extensions.authorityKeyIdentifier.map { der.span.copy($0) } }
    /// Whether it limits the names below it.
    public var hasNameConstraints: Bool { layout.extensions.nameConstraints != nil }
    /// Whether it asks for a stapled OCSP response (TLS feature, RFC 7633: must-staple).
    public var requiresStapling: Bool { layout.extensions.requiresStapling }

    /// Critical extensions that no TLS client is bound to know, as dotted identifiers: most will refuse the certificate.
    public var unknownCriticalExtensions: [String] {
        var unknown: [String] = []
        var cursor = DERCursor(layout.extensions.all)
        while let found = try? Extension(&cursor, in: der.span) {
            guard found.isCritical, !known.contains(der.span.objectIdentifier(found.identifier)) else { continue }
            unknown.append(der.span.dottedIdentifier(found.identifier))
        }
        return unknown
    }
}

extension ExtensionsLayout {
    /// The same of a certificate's DER.
    func allowServerAuthentication(_ bytes: Span<UInt8>) -> Bool {
        guard let usages = extendedKeyUsages else { return true }
        var cursor = DERCursor(usages)
        while let usage = try? cursor.element(in: bytes) {
            if bytes.objectIdentifier(usage.content) == ObjectIdentifier.serverAuthentication { return true }
        }
        return false
    }
}

private let known: Set<UInt128> = [
    ObjectIdentifier.subjectKeyIdentifier, ObjectIdentifier.keyUsage, ObjectIdentifier.subjectAlternativeName,
    ObjectIdentifier.issuerAlternativeName, ObjectIdentifier.basicConstraints, ObjectIdentifier.nameConstraints,
    ObjectIdentifier.revocationLists, ObjectIdentifier.certificatePolicies, ObjectIdentifier.policyMappings,
    ObjectIdentifier.authorityKeyIdentifier, ObjectIdentifier.policyConstraints, ObjectIdentifier.extendedKeyUsage,
    ObjectIdentifier.inhibitAnyPolicy, ObjectIdentifier.tlsFeature,
]
