public import SystemPackage

/// Why a lineage has no generation that could be deployed.
@nonexhaustive
public enum LineageError: Diagnosis, Equatable {
    /// A file or directory of it cannot be read.
    case file(lineage: String, FileError)
    /// A file of it is not sound.
    case pem(lineage: String, PEMError)
    /// A file that must hold a certificate holds none.
    case noCertificate(lineage: String, file: String)
    /// The private key is another certificate's.
    case keyMismatch(lineage: String)
    /// cert.pem and fullchain.pem begin with different certificates.
    case leavesDiffer(lineage: String)
    /// The links lead to different generations or directories.
    case mixed(lineage: String, links: [String])
    /// Somebody changed it all the time.
    case stillChanging(lineage: String)
    /// The archive has no such generation.
    case noSuchGeneration(lineage: String, number: Int)
    /// The text can be no lineage.
    case invalidName(String)
    /// The environment names a lineage outside certbot's directory.
    case notBelieved(hint: String, live: FilePath)
}

extension LineageError {
    /// Does `body`; an error about a file becomes one of the lineage.
    static func naming<Result>(
        _ lineage: Lineage, _ body: () throws(FileError) -> Result
    ) throws(LineageError) -> Result {
        do throws(FileError) {
            return try body()
        } catch {
            throw .file(lineage: lineage.name, error)
        }
    }

    /// Does `body`; an error about the contents of a file becomes one of the lineage.
    static func naming<Result>(
        _ lineage: Lineage, _ body: () throws(PEMError) -> Result
    ) throws(LineageError) -> Result {
        do throws(PEMError) {
            return try body()
        } catch {
            throw .pem(lineage: lineage.name, error)
        }
    }

    /// The rule of the catalogue this error falls under.
    public var findingID: FindingID {
        switch self {
        case .file(_, let error): error.findingID
        case .pem(_, let error): error.findingID
        case .noCertificate: .pemUnreadable
        case .keyMismatch: .keyMismatch
        case .leavesDiffer: .filesDisagree
        case .mixed, .stillChanging: .generationMixed
        case .noSuchGeneration: .fileMissing
        case .invalidName, .notBelieved: .configurationInvalid
        }
    }

    /// The file it is about, where it is about one.
    public var location: String? {
        switch self {
        case .file(_, let error): error.location
        case .pem(_, let error): error.location
        case .noCertificate(_, let file): file
        case .keyMismatch, .leavesDiffer, .mixed, .stillChanging, .noSuchGeneration, .invalidName, .notBelieved: nil
        }
    }

    /// The line in that file.
    public var line: Int? {
        if case .pem(_, let error) = self { error.line } else { nil }
    }

    /// What is wrong and where.
    public var description: String {
        switch self {
        // Where the lineages themselves cannot be read, the file is what it is about.
        case .file(let lineage, let error) where error.path.string == lineage: "\(error)"
        case .file(let lineage, let error): "\(lineage): \(error)"
        case .pem(let lineage, let error): "\(lineage): \(error)"
        case .noCertificate(let lineage, let file): "\(lineage): \(file): no certificate"
        case .keyMismatch(let lineage):
            "\(lineage): privkey.pem does not hold the key of the certificate in fullchain.pem"
        case .leavesDiffer(let lineage): "\(lineage): cert.pem and fullchain.pem begin with different certificates"
        case .mixed(let lineage, let links):
            "\(lineage): the links lead to different generations: \(links.joined(separator: ", "))"
        case .stillChanging(let lineage): "\(lineage): the files were changed again and again while they were read"
        case .noSuchGeneration(let lineage, let number):
            "\(lineage): the archive holds no complete generation \(number)"
        case .invalidName(let text):
            "\"\(text.printable)\" is no lineage: neither a name of letters, digits, . _ * - nor an absolute directory"
        case .notBelieved(let hint, let live):
            "RENEWED_LINEAGE is \"\(hint.printable)\", which is no lineage below \(live)"
        }
    }

    /// What an operator can do about it.
    public var remedy: String {
        switch self {
        case .file(_, .missing(let path)):
            "see where the path ends: namei -l \(path); see which lineages there are: certbot certificates"
        case .file(_, let error): error.remedy
        case .pem(_, let error): error.remedy
        case .noCertificate(_, let file): "see what it holds: openssl storeutl -noout -text \(file)"
        case .keyMismatch(let lineage), .leavesDiffer(let lineage):
            "see which file is of another renewal: certbot certificates --cert-name \(lineage); issue it anew if it "
                + "stays: certbot renew --force-renewal --cert-name \(lineage)"
        case .mixed(let lineage, _):
            "certbot was interrupted and puts the links right when it starts: certbot certificates --cert-name \(lineage)"
        case .stillChanging(let lineage):
            "see whether certbot is at work: pgrep -a certbot; when it is done: certd check \(lineage)"
        case .noSuchGeneration(let lineage, _):
            "see which there are, below certbot's directory: ls /etc/letsencrypt/archive/\(lineage)"
        case .invalidName: "see which there are: certd check"
        case .notBelieved: "certbot sets it for its hooks; by hand, name the lineage instead: certd deploy LINEAGE"
        }
    }
}
