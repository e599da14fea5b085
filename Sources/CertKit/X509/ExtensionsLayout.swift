/// What the extensions of a certificate say, or where they say it (RFC 5280, section 4.2).
struct ExtensionsLayout: Sendable {
    var isCA = false
    var pathLength: Int?
    var keyUsage: KeyUsage?
    /// The identifiers, one after the other.
    var extendedKeyUsages: Range<Int>?
    /// The names, one after the other.
    var names: Range<Int>?
    var subjectKeyIdentifier: Range<Int>?
    var authorityKeyIdentifier: Range<Int>?
    /// The NameConstraints element.
    var nameConstraints: Range<Int>?
    var requiresStapling = false
    /// The extensions, one after the other.
    var all: Range<Int> = 0..<0

    /// A certificate without extensions.
    init() {}

    /// Reads the content of `[3]`.
    init(_ content: Range<Int>, of bytes: Span<UInt8>) throws(DERError) {
        var wrapper = DERCursor(content)
        all = try wrapper.element(DERTag.sequence, in: bytes).content
        try wrapper.finish()
        var cursor = DERCursor(all)
        var count = 0
        var seen = SeenExtensions()
        // RFC 5280 wants one at least.
        repeat {
            let start = cursor.position
            let found = try Extension(&cursor, in: bytes)
            guard seen.insert(found.identifier, in: bytes) else { throw DERError(.duplicateExtension, at: start) }
            count += 1
            guard count <= 100 else { throw DERError(.tooManyExtensions, at: start) }
            try record(found, of: bytes)
        } while !cursor.isAtEnd
    }

    private mutating func record(_ found: Extension, of bytes: Span<UInt8>) throws(DERError) {
        var value = DERCursor(found.value)
        switch bytes.objectIdentifier(found.identifier) {
        case ObjectIdentifier.basicConstraints:
            try recordBasicConstraints(try value.enter(DERTag.sequence, in: bytes), in: bytes)
        case ObjectIdentifier.keyUsage:
            keyUsage = try KeyUsage(bytes, try value.element(DERTag.bitString, in: bytes).content)
        case ObjectIdentifier.extendedKeyUsage:
            let usages = try value.element(DERTag.sequence, in: bytes).content
            var cursor = DERCursor(usages)
            repeat {
                try bytes.checkObjectIdentifier(try cursor.element(DERTag.objectIdentifier, in: bytes).content)
            } while !cursor.isAtEnd
            extendedKeyUsages = usages
        case ObjectIdentifier.subjectAlternativeName:
            let list = try value.element(DERTag.sequence, in: bytes).content
            try SubjectName.check(list, in: bytes)
            names = list
        case ObjectIdentifier.subjectKeyIdentifier:
            subjectKeyIdentifier = try value.element(DERTag.octetString, in: bytes).content
        case ObjectIdentifier.authorityKeyIdentifier:
            var parts = try value.enter(DERTag.sequence, in: bytes)
            authorityKeyIdentifier = try parts.optional(DERTag.context(0), in: bytes)?.content
            if let issuer = try parts.optional(DERTag.constructed(1), in: bytes) {
                try SubjectName.check(issuer.content, in: bytes)
            }
            if let serial = try parts.optional(DERTag.context(2), in: bytes) { try bytes.checkInteger(serial.content) }
            try parts.finish()
        case ObjectIdentifier.nameConstraints:
            let constraints = try value.element(DERTag.sequence, in: bytes)
            try bytes.checkNameConstraints(constraints.content)
            nameConstraints = constraints.whole
        case ObjectIdentifier.revocationLists:
            try bytes.checkDistributionPoints(try value.element(DERTag.sequence, in: bytes).content)
        case ObjectIdentifier.tlsFeature:
            var features = try value.enter(DERTag.sequence, in: bytes)
            while !features.isAtEnd {
                // 5 is status_request (RFC 7633): what is called must-staple.
                let feature = try bytes.smallInteger(try features.element(DERTag.integer, in: bytes).content)
                if feature == 5 { requiresStapling = true }
            }
        default: return
        }
        try value.finish()
    }

    private mutating func recordBasicConstraints(_ parts: DERCursor, in bytes: Span<UInt8>) throws(DERError) {
        var parts = parts
        if let truth = try parts.optional(DERTag.boolean, in: bytes) { isCA = try bytes.boolean(truth.content) }
        if let length = try parts.optional(DERTag.integer, in: bytes) {
            pathLength = try bytes.smallInteger(length.content)
        }
        try parts.finish()
    }
}

/// One extension: where its parts stand.
struct Extension {
    let identifier: Range<Int>
    let isCritical: Bool
    /// What the octet string wraps.
    let value: Range<Int>

    /// Reads the next one.
    init(_ cursor: inout DERCursor, in bytes: Span<UInt8>) throws(DERError) {
        var parts = try cursor.enter(DERTag.sequence, in: bytes)
        identifier = try parts.element(DERTag.objectIdentifier, in: bytes).content
        try bytes.checkObjectIdentifier(identifier)
        let truth = try parts.optional(DERTag.boolean, in: bytes)
        isCritical = if let truth { try bytes.boolean(truth.content) } else { false }
        value = try parts.element(DERTag.octetString, in: bytes).content
        try parts.finish()
    }
}

/// The identifiers of the extensions read so far, to find a double.
private struct SeenExtensions {
    /// Nearly all have an identifier 2.5.29.n: bit n.
    private var standard: UInt128 = 0
    private var others: [Range<Int>] = []

    /// Adds one; false where it stands already.
    mutating func insert(_ identifier: Range<Int>, in bytes: Span<UInt8>) -> Bool {
        let start = identifier.lowerBound
        if identifier.count == 3, bytes[start] == 0x55, bytes[start + 1] == 0x1d, bytes[start + 2] < 0x80 {
            let bit: UInt128 = 1 << UInt128(bytes[start + 2])
            defer { standard |= bit }
            return standard & bit == 0
        }
        // With the limit on their number, going over all of them stays cheap.
        guard !others.contains(where: { bytes.equals($0, bytes, identifier) }) else { return false }
        others.append(identifier)
        return true
    }
}
