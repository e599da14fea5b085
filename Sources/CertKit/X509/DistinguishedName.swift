/// The name of a subject or an issuer (RFC 5280, section 4.1.2.4); two are equal when their DER is.
///
/// Its text is whatever the certificate's maker wrote, control characters and all: escape it where it is shown.
public struct DistinguishedName: Sendable {
    /// The certificate's bytes of the name, shared with it.
    private let bytes: ArraySlice<UInt8>

    /// A name whose DER has been checked.
    init(checked bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    /// The DER of the whole name.
    public var der: [UInt8] { Array(bytes) }

    /// The first common name; proves nothing about hosts.
    public var commonName: String? { first(ObjectIdentifier.commonName) }
    /// The first organisation.
    public var organization: String? { first(ObjectIdentifier.organization) }
    /// Whether it names nobody.
    public var isEmpty: Bool { bytes.count == 2 }

    /// One part of a name.
    public struct Attribute: Sendable, Hashable {
        /// A short name such as `CN`, else the identifier in dotted decimal.
        public let type: String
        /// The text as it stands.
        public let value: String
        /// Whether it belongs to the same level as the attribute before it.
        let joinsPrevious: Bool
    }

    /// All parts in the order of the certificate: the country first, as a rule.
    public var attributes: [Attribute] {
        var attributes: [Attribute] = []
        let bytes = bytes.span
        bytes.forEachAttribute { type, value, joinsPrevious in
            let short = shortNames[bytes.objectIdentifier(type)] ?? bytes.dottedIdentifier(type)
            attributes.append(Attribute(type: short, value: bytes.rawText(value), joinsPrevious: joinsPrevious))
        }
        return attributes
    }

    private func first(_ identifier: UInt128) -> String? {
        var found: String?
        let bytes = bytes.span
        bytes.forEachAttribute { type, value, _ in
            if found == nil, bytes.objectIdentifier(type) == identifier { found = bytes.rawText(value) }
        }
        return found
    }
}

extension DistinguishedName: Hashable, CustomStringConvertible {
    /// Compares the DER.
    public static func == (left: Self, right: Self) -> Bool {
        left.bytes.span.equals(0..<left.bytes.count, right.bytes.span, 0..<right.bytes.count)
    }

    /// Hashes the DER.
    public func hash(into hasher: inout Hasher) { bytes.span.hash(into: &hasher) }

    /// As RFC 4514 has it, the most particular part first: `CN=R11,O=Let's Encrypt,C=US`.
    public var description: String {
        var text = ""
        for attribute in attributes.reversed() {
            text += "\(attribute.type)=\(escaped(attribute.value))" + (attribute.joinsPrevious ? "+" : ",")
        }
        return String(text.dropLast())
    }
}

/// Escapes what RFC 4514 gives a meaning, and zero bytes.
private func escaped(_ value: String) -> String {
    var text = String.UnicodeScalarView()
    let last = value.unicodeScalars.count - 1
    for (place, scalar) in value.unicodeScalars.enumerated() {
        switch scalar {
        case "\u{0}": text.append(contentsOf: "\\00".unicodeScalars)
        case ",", "+", "\"", "\\", "<", ">", ";": text.append(contentsOf: ["\\", scalar])
        case " " where place == 0 || place == last, "#" where place == 0:
            text.append(contentsOf: ["\\", scalar])
        default: text.append(scalar)
        }
    }
    return String(text)
}

private let shortNames: [UInt128: String] = [
    ObjectIdentifier.commonName: "CN", 0x1_5504_04: "SN", 0x1_5504_05: "serialNumber", 0x1_5504_06: "C",
    0x1_5504_07: "L", 0x1_5504_08: "ST", 0x1_5504_09: "street", ObjectIdentifier.organization: "O",
    0x1_5504_0b: "OU", 0x1_5504_0c: "title", 0x1_5504_2a: "GN", 0x1_2a86_4886_f70d_0109_01: "emailAddress",
    0x1_0992_2689_93f2_2c64_0119: "DC", 0x1_0992_2689_93f2_2c64_0101: "UID",
]

extension Span<UInt8> {
    /// Throws unless the element is a well-formed name.
    func checkName(_ name: DERElement) throws(DERError) {
        var levels = DERCursor(name.content)
        while !levels.isAtEnd {
            try checkRelativeName(try levels.element(DERTag.set, in: self).content)
        }
    }

    /// Throws unless the content is that of one level of a name: attributes, one at least.
    func checkRelativeName(_ content: Range<Int>) throws(DERError) {
        var level = DERCursor(content)
        repeat {
            var attribute = try level.enter(DERTag.sequence, in: self)
            try checkObjectIdentifier(try attribute.element(DERTag.objectIdentifier, in: self).content)
            try checkText(try attribute.element(in: self))
            try attribute.finish()
        } while !level.isAtEnd
    }

    /// Goes over the attributes of a checked name, which is all that these bytes hold.
    fileprivate func forEachAttribute(_ body: (_ type: Range<Int>, _ value: DERElement, _ joinsPrevious: Bool) -> Void)
    {
        var whole = DERCursor(0..<count)
        guard var levels = try? whole.enter(DERTag.sequence, in: self) else { return }
        while var level = try? levels.enter(DERTag.set, in: self) {
            var joinsPrevious = false
            while var attribute = try? level.enter(DERTag.sequence, in: self),
                let type = try? attribute.element(in: self), let value = try? attribute.element(in: self)
            {
                body(type.content, value, joinsPrevious)
                joinsPrevious = true
            }
        }
    }
}
