public import FoundationEssentials

/// A certificate in HAProxy's memory, as `show ssl cert NAME` tells of it.
public struct LoadedCertificate: Sendable, Hashable {
    /// Whether HAProxy serves it.
    public enum Status: String, Sendable {
        /// Some bind line or crt-list serves it.
        case used = "Used"
        /// Loaded, but it serves nobody.
        case unused = "Unused"
        /// Made by `new ssl cert` and never filled.
        case empty = "Empty"
    }

    /// What HAProxy tells of the leaf.
    public struct Leaf: Sendable, Hashable {
        /// The serial: lower-case hex, two digits a byte.
        public let serial: String
        /// SHA-1 of the DER: 40 digits of lower-case hex.
        public let sha1: String
        /// The beginning of the validity period.
        public let notBefore: Date
        /// The end of the validity period.
        public let notAfter: Date
        /// The subject in OpenSSL's one-line form, `/C=DE/CN=site.example`.
        public let subject: String
        /// The issuer in the same form.
        public let issuer: String
        /// The DNS names of the SAN; HAProxy tells of no others.
        public let names: [String]
        /// The handshake that only a certificate with a key of its kind can answer.
        public let algorithm: ProbeTarget.Algorithm
    }

    /// HAProxy's name of it: the file it was loaded from, or `@store/alias`.
    public let name: String
    /// Whether HAProxy serves it.
    public let status: Status
    /// The leaf; nil where the status is empty.
    public let leaf: Leaf?
    /// The subjects of the chain, nearest issuer first, in OpenSSL's one-line form.
    public let chainSubjects: [String]

    /// Parses the answer; nil where a line is missing, doubled or unreadable.
    init?(_ answer: RuntimeAnswer) {
        guard let name = answer.value(of: "Filename"),
            let status = answer.value(of: "Status").flatMap({ Status(rawValue: $0) })
        else { return nil }
        let leaf = Leaf(answer)
        guard status == .empty || leaf != nil else { return nil }
        self.name = name
        self.status = status
        self.leaf = leaf
        self.chainSubjects = answer.values(of: "Chain Subject")
    }
}

extension LoadedCertificate.Leaf {
    fileprivate init?(_ answer: RuntimeAnswer) {
        guard let serial = answer.value(of: "Serial").flatMap(hexadecimal),
            let sha1 = answer.value(of: "SHA1 FingerPrint").flatMap(hexadecimal), sha1.utf8.count == 40,
            let notBefore = answer.value(of: "notBefore").flatMap(date),
            let notAfter = answer.value(of: "notAfter").flatMap(date),
            let subject = answer.value(of: "Subject"), let issuer = answer.value(of: "Issuer")
        else { return nil }
        self.serial = serial
        self.sha1 = sha1
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.subject = subject
        self.issuer = issuer
        // Other kinds of names leave an empty place between two commas.
        self.names = (answer.value(of: "Subject Alternative Name") ?? "").split(separator: ", ")
            .filter { $0.hasPrefix("DNS:") }.map { String($0.dropFirst(4)) }
        let kind = answer.value(of: "Algorithm") ?? ""
        self.algorithm = kind.hasPrefix("RSA") ? .rsa : kind.hasPrefix("EC") ? .ecdsa : .any
    }
}

/// Lower case and with an even number of digits; nil where it is no hex.
private func hexadecimal(_ text: String) -> String? {
    guard !text.isEmpty, text.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
    return (text.utf8.count.isMultiple(of: 2) ? "" : "0") + text.lowercased()
}

/// Parses OpenSSL's `Nov  3 04:09:13 2026 GMT`.
private func date(_ text: String) -> Date? {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let parts = text.split(separator: " ")
    guard parts.count == 5, parts[4] == "GMT", let month = months.firstIndex(of: String(parts[0])) else { return nil }
    let iso = "\(padded(parts[3], 4))-\(padded("\(month + 1)", 2))-\(padded(parts[1], 2))T\(parts[2])Z"
    return try? Date(iso, strategy: .iso8601)
}

private func padded(_ digits: some StringProtocol, _ width: Int) -> String {
    String(repeating: "0", count: max(0, width - digits.count)) + digits
}
