internal import Glibc

/// A name of the subject alternative name extension (RFC 5280, section 4.2.1.6): the names that count.
///
/// Its text is whatever the certificate's maker wrote: escape it where it is shown.
public enum SubjectName: Sendable, Hashable {
    /// A host name, perhaps with a wildcard as its first label.
    case dns(String)
    /// An address, in the one form that `inet_ntop` gives it.
    case ip(String)
    /// A mail address.
    case email(String)
    /// A URI.
    case uri(String)
    /// A distinguished name.
    case directory(DistinguishedName)
    /// A name of another kind, in hex.
    case other(String)
}

extension SubjectName: CustomStringConvertible {
    /// The name itself; a kind in front where it is no host name.
    public var description: String {
        switch self {
        case .dns(let name), .ip(let name): name
        case .email(let name): "email:\(name)"
        case .uri(let name): "URI:\(name)"
        case .directory(let name): "directory:\(name)"
        case .other(let hex): "other:#\(hex)"
        }
    }
}

extension SubjectName {
    /// Throws unless `names` is a list of well-formed names; public authorities put in 100 to 2,000 at most.
    static func check(_ names: Range<Int>, in bytes: Span<UInt8>) throws(DERError) {
        var cursor = DERCursor(names)
        var count = 0
        while !cursor.isAtEnd {
            count += 1
            guard count <= 10_000 else { throw DERError(.tooManyNames, at: cursor.position) }
            try check(try cursor.element(in: bytes), in: bytes)
        }
    }

    /// Throws unless `element` is one well-formed name.
    static func check(_ element: DERElement, in bytes: Span<UInt8>) throws(DERError) {
        switch element.tag {
        case DERTag.context(1), DERTag.context(2), DERTag.context(6), DERTag.context(7), DERTag.constructed(3): break
        case DERTag.constructed(0): try checkOtherName(element.content, in: bytes)
        case DERTag.constructed(5): try checkPartyName(element.content, in: bytes)
        case DERTag.constructed(4):
            var inner = DERCursor(element.content)
            try bytes.checkName(try inner.element(DERTag.sequence, in: bytes))
            try inner.finish()
        case DERTag.context(8): try bytes.checkObjectIdentifier(element.content)
        default: throw DERError(.unexpectedElement, at: element.whole.lowerBound)
        }
    }

    /// A type, and a value of whatever kind.
    private static func checkOtherName(_ content: Range<Int>, in bytes: Span<UInt8>) throws(DERError) {
        var parts = DERCursor(content)
        try bytes.checkObjectIdentifier(try parts.element(DERTag.objectIdentifier, in: bytes).content)
        var value = try parts.enter(DERTag.constructed(0), in: bytes)
        _ = try value.element(in: bytes)
        try value.finish()
        try parts.finish()
    }

    /// A party's name, and before it perhaps who gave it.
    private static func checkPartyName(_ content: Range<Int>, in bytes: Span<UInt8>) throws(DERError) {
        var parts = DERCursor(content)
        if let assigner = try parts.optional(DERTag.constructed(0), in: bytes) {
            try checkDirectoryString(assigner.content, in: bytes)
        }
        try checkDirectoryString(try parts.element(DERTag.constructed(1), in: bytes).content, in: bytes)
        try parts.finish()
    }

    private static func checkDirectoryString(_ content: Range<Int>, in bytes: Span<UInt8>) throws(DERError) {
        var wrapper = DERCursor(content)
        let text = try wrapper.element(in: bytes)
        switch text.tag {
        case DERTag.utf8String, DERTag.printableString, DERTag.teletexString, DERTag.universalString, DERTag.bmpString:
            try bytes.checkText(text)
        default: throw DERError(.unexpectedElement, at: text.whole.lowerBound)
        }
        try wrapper.finish()
    }

    /// The names of a checked list.
    static func all(_ names: Range<Int>, of der: [UInt8]) -> [SubjectName] {
        var all: [SubjectName] = []
        var cursor = DERCursor(names)
        while let element = try? cursor.element(in: der.span) { all.append(SubjectName(element, of: der)) }
        return all
    }

    private init(_ element: DERElement, of der: [UInt8]) {
        let bytes = der.span
        switch element.tag {
        case DERTag.context(1): self = .email(bytes.text(element.content))
        case DERTag.context(2): self = .dns(bytes.text(element.content))
        case DERTag.context(6): self = .uri(bytes.text(element.content))
        case DERTag.constructed(4): self = .directory(DistinguishedName(checked: der[element.content]))
        default:
            let address = element.tag == DERTag.context(7) ? addressText(bytes.copy(element.content)) : nil
            self = address.map { .ip($0) } ?? .other(hexadecimal(bytes.copy(element.whole)))
        }
    }
}

/// The text of 4 or 16 bytes of address.
private func addressText(_ bytes: [UInt8]) -> String? {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    // There is room for either kind, so it cannot fail.
    _ = unsafe inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// An address in the form that names have it; nil for whatever is none.
func canonicalAddress(_ text: String) -> String? {
    var bytes = [UInt8](repeating: 0, count: 16)
    if unsafe inet_pton(AF_INET, text, &bytes) == 1 { return addressText(Array(bytes.prefix(4))) }
    return unsafe inet_pton(AF_INET6, text, &bytes) == 1 ? addressText(bytes) : nil
}
