/// Why a PEM file was refused.
@nonexhaustive
public enum PEMError: Diagnosis, Equatable {
    /// The file holds no byte.
    case empty(file: String)
    /// The file is larger than is read, in bytes.
    case tooLarge(file: String, limit: Int)
    /// More certificates than are read.
    case tooManyCertificates(file: String, limit: Int)
    /// No BEGIN line anywhere.
    case notPEM(file: String, looksLike: ForeignFormat)
    /// A block that does not parse to its end.
    case unreadable(file: String, line: Int, PEMFault)
    /// A key under a passphrase.
    case encryptedKey(file: String, line: Int)
    /// A public key, a signing request or an OpenSSH key.
    case notAPrivateKey(file: String, line: Int, label: String)
    /// A private key of a kind that is not deployed.
    case keyTypeRefused(file: String, line: Int, type: String)
    /// No private key where one is needed.
    case missingKey(file: String)
    /// Several private keys where one is needed.
    case ambiguousKey(file: String, lines: [Int])
}

/// What a file without PEM blocks seems to hold.
public enum ForeignFormat: String, Sendable, Equatable {
    /// Binary DER: what PEM wraps.
    case der = "it looks like DER"
    /// Text of two bytes a character.
    case utf16 = "it looks like UTF-16"
    /// Other bytes.
    case binary = "it holds binary data"
    /// Text without a block.
    case text = "it has no BEGIN line"
}

extension PEMError {
    /// The rule of the catalogue this error falls under.
    public var findingID: FindingID {
        switch self {
        case .empty, .unreadable: .pemUnreadable
        case .tooLarge: .fileTooLarge
        case .tooManyCertificates: .tooManyCertificates
        case .notPEM: .notPEM
        case .encryptedKey: .keyEncrypted
        case .notAPrivateKey: .keyNotPrivate
        case .keyTypeRefused: .keyTypeRefused
        case .missingKey: .keyMissing
        case .ambiguousKey: .keyAmbiguous
        }
    }

    /// The file.
    public var location: String? {
        switch self {
        case .empty(let file), .tooLarge(let file, _), .tooManyCertificates(let file, _), .notPEM(let file, _),
            .unreadable(let file, _, _), .encryptedKey(let file, _), .notAPrivateKey(let file, _, _),
            .keyTypeRefused(let file, _, _), .missingKey(let file), .ambiguousKey(let file, _):
            file
        }
    }

    /// The line of the fault, else the line of the block's BEGIN.
    public var line: Int? {
        switch self {
        case .unreadable(_, let line, _), .encryptedKey(_, let line), .notAPrivateKey(_, let line, _),
            .keyTypeRefused(_, let line, _):
            line
        case .ambiguousKey(_, let lines): lines.last
        case .empty, .tooLarge, .tooManyCertificates, .notPEM, .missingKey: nil
        }
    }
}

extension PEMError {
    /// What is wrong and where.
    public var description: String {
        switch self {
        case .empty(let file): "\(file): the file is empty"
        case .tooLarge(let file, let limit): "\(file): larger than \(limit) bytes"
        case .tooManyCertificates(let file, let limit): "\(file): more than \(limit) certificates"
        case .notPEM(let file, let format): "\(file): not a PEM file: \(format.rawValue)"
        case .unreadable(let file, let line, let fault): "\(file):\(line): \(fault)"
        case .encryptedKey(let file, let line): "\(file):\(line): the private key is encrypted with a passphrase"
        case .notAPrivateKey(let file, let line, let label):
            "\(file):\(line): \(label) where a private key in PKCS#8, PKCS#1 or SEC1 is needed"
        case .keyTypeRefused(let file, let line, let type):
            "\(file):\(line): a private key of type \(type) is not deployed"
        case .missingKey(let file): "\(file): no private key"
        case .ambiguousKey(let file, let lines):
            "\(file): \(lines.count) private keys where one is needed, at lines \(lines.map(String.init).joined(separator: ", "))"
        }
    }

    /// What an operator can do about it.
    public var remedy: String {
        switch self {
        case .notPEM(let file, .der):
            "convert it: openssl x509 -inform DER -in \(file) (for a certificate), openssl pkey -inform DER -in \(file) (for a key)"
        case .notPEM(let file, .utf16): "convert it: iconv -f UTF-16 -t UTF-8 \(file)"
        case .unreadable(let file, _, .bareCarriageReturn): "convert it: tr '\\r' '\\n' <\(file)"
        case .unreadable(_, _, .trustedCertificate): "convert it: openssl x509 -in FILE -out NEWFILE"
        case .empty(let file), .unreadable(let file, _, _), .notPEM(let file, _), .tooLarge(let file, _):
            "compare it with the file as issued: openssl storeutl -noout -text \(file); certbot certificates shows the lineage's files"
        case .tooManyCertificates(let file, _):
            "name the fullchain.pem of one lineage; openssl storeutl -noout -certs \(file) counts what is in there"
        case .encryptedKey(let file, _):
            "HAProxy cannot ask for a passphrase; store the key without: openssl pkey -in \(file) -out NEWFILE"
        case .notAPrivateKey: "use the privkey.pem that belongs to the certificate: certbot certificates names it"
        case .keyTypeRefused:
            "issue the certificate anew with a key that browsers accept: certbot renew --force-renewal --key-type ecdsa"
        case .missingKey: "use the privkey.pem that belongs to the certificate: certbot certificates names it"
        case .ambiguousKey(let file, _):
            "keep the key that belongs to the certificate: openssl pkey -in \(file) -pubout shows the first one's public half"
        }
    }
}
