public import SystemPackage

/// A file that HAProxy loads beside a certificate; the Runtime API takes each into the certificate's own transaction.
public enum Companion: String, Sendable, Hashable, CaseIterable {
    /// The issuer's certificate, PEM: an OCSP response is found by it where the chain does not hold it.
    case issuer
    /// An OCSP response to staple, DER (RFC 6960).
    case ocsp
    /// Signed certificate timestamps as one list (RFC 6962, 3.3).
    case sctl
}

/// Which files HAProxy looks for beside a certificate, and under which names.
public struct CompanionLookup: Sendable, Hashable {
    /// The kinds that it looks for (`ssl-load-extra-files`); without that line, all.
    var kinds: Set<Companion> = Set(Companion.allCases)
    /// Whether `.crt` gives way to the companion's ending (`ssl-load-extra-del-ext`).
    var replacesExtension = false

    /// As HAProxy does without any such line.
    public init() {}

    /// Where the companions of a certificate's file are, if they are there.
    public func files(beside certificate: FilePath) -> [Companion: FilePath] {
        let stem =
            replacesExtension && certificate.extension == "crt" ? certificate.removingExtension : certificate.string
        return Dictionary(uniqueKeysWithValues: kinds.map { ($0, FilePath("\(stem).\($0.rawValue)")) })
    }

    /// Takes the arguments of `ssl-load-extra-files`, which later ones replace.
    mutating func take(_ words: some Sequence<String>) {
        let words = Set(words)
        kinds = words.contains("all") ? Set(Companion.allCases) : Set(words.compactMap(Companion.init))
    }
}

extension FilePath {
    fileprivate var removingExtension: String {
        var path = self
        path.extension = nil
        return path.string
    }
}
