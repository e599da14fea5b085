import CertKit
import HAProxyKit
import SystemPackage

/// What an operand of `check` and `inspect` means: a lineage, a file, a directory of files, an address or standard input.
enum CheckOperand: Hashable, Sendable {
    /// The name of a lineage, or its absolute directory.
    case lineage(String)
    case file(FilePath)
    case directory(FilePath)
    case address(ProbeAddress)
    case standardInput

    /// Tells by the form of `text` and by what stands there; a lineage goes before a file of its name.
    init(_ text: String, below letsencrypt: FilePath) {
        if text == "-" {
            self = .standardInput
        } else if let address = ProbeAddress(text), !text.contains("/") {
            self = .address(address)
        } else if let place = CheckOperand(FilePath(text), isPath: text.contains("/"), below: letsencrypt) {
            self = place
        } else {
            self = .lineage(text)
        }
    }

    /// Nil where a lineage is meant.
    private init?(_ path: FilePath, isPath: Bool, below letsencrypt: FilePath) {
        guard !path.isEmpty, isPath || (try? Stat(letsencrypt.appending("live").appending(path.string))) == nil else {
            return nil
        }
        let type = (try? Stat(path))?.type
        if type == .directory {
            if path.isAbsolute, CheckOperand.isLineage(path) { return nil }
            self = .directory(path)
        } else if type != nil {
            self = .file(path)
        } else if isPath, !path.isAbsolute || CheckOperand.extensions.contains(path.extension ?? "") {
            // What is not there is said of the file that it would be.
            self = .file(path)
        } else {
            return nil
        }
    }

    /// Whether certbot's names, or one of them, stand there.
    private static func isLineage(_ directory: FilePath) -> Bool {
        LineageFile.allCases.contains {
            (try? Stat(directory.appending("\($0.rawValue).pem"), flags: .symlinkNoFollow)) != nil
        }
    }

    /// What files of certificates are called.
    private static let extensions: Set<String> = ["pem", "crt", "cer", "cert"]

    /// The files of certificates in a directory, sorted.
    static func files(in directory: FilePath) throws(FileError) -> [FilePath] {
        try DirectoryHandle(opening: directory).entries()
            .filter { !($0.lastComponent?.string.hasPrefix(".") ?? true) && extensions.contains($0.extension ?? "") }
            .map { directory.pushing($0) }.sorted { $0.string < $1.string }
    }
}
