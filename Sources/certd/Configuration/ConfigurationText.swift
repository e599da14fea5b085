/// The text of a configuration file that is fit for TOMLKit 0.6: what it would misread, or end the process for, is
/// refused here.
struct ConfigurationText {
    let text: String

    init(_ bytes: [UInt8], at path: String) throws(ConfigurationError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .notTOML(reason: "the text is not UTF-8", origin: .file(path, line: nil))
        }
        guard !ConfigurationText.holdsZero(bytes) else {
            throw .notTOML(reason: "it holds a zero character", origin: .file(path, line: nil))
        }
        var walk = TOMLWalk(bytes)
        if let hazard = walk.firstHazard() {
            throw .notTOML(reason: hazard, origin: .file(path, line: walk.line))
        }
        self.text = text
    }

    /// Whether there is a zero character, or the escape of one: TOMLKit takes and gives C strings, so that what follows
    /// would silently go unread.
    private static func holdsZero(_ bytes: [UInt8]) -> Bool {
        let escapes = bytes.split(separator: UInt8(ascii: "\\"), omittingEmptySubsequences: false).dropFirst()
        return bytes.contains(0)
            || escapes.contains { $0.starts(with: "u0000".utf8) || $0.starts(with: "U00000000".utf8) }
    }
}
