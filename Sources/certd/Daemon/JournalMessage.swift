import CertKit

/// One message in the journal's native protocol: fields, of which values with line ends are sent with their length.
struct JournalMessage: Equatable, Sendable {
    private(set) var bytes: [UInt8] = []

    /// Adds a field; the journal takes names of capital letters, digits and underscores.
    mutating func add(_ name: String, _ value: String) {
        bytes += Array(name.utf8)
        if value.utf8.contains(UInt8(ascii: "\n")) {
            bytes.append(UInt8(ascii: "\n"))
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: value.utf8.count >> ($0 * 8)) }
        } else {
            bytes.append(UInt8(ascii: "="))
        }
        bytes += Array(value.utf8) + [UInt8(ascii: "\n")]
    }

    /// A metadata key as the journal wants fields: `bundle.path` becomes `CERTD_BUNDLE_PATH`.
    static func field(for key: String) -> String {
        "CERTD_"
            + String(
                key.uppercased().map { character in
                    character.isASCII && (character.isLetter || character.isNumber) ? character : "_"
                })
    }
}
