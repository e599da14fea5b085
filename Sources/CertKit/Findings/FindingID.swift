/// The catalogue of what can be found, by its stable names.
///
/// The raw value is part of the product's interface: scripts, dashboards and runbooks know it.
public enum FindingID: String, Sendable, Hashable, CaseIterable {
    // Time
    case expired
    case expiring
    case notYetValid = "not-yet-valid"
    case intermediateExpired = "intermediate-expired"
    case outlivesIssuer = "outlives-issuer"
    case renewalOverdue = "renewal-overdue"
    case validityTooLong = "validity-too-long"
    case clockSuspect = "clock-suspect"
    // Chain
    case chainIncomplete = "chain-incomplete"
    case chainBroken = "chain-broken"
    case chainOrder = "chain-order"
    case rootInChain = "root-in-chain"
    case duplicateInChain = "duplicate-in-chain"
    case unrelatedInChain = "unrelated-in-chain"
    case untrusted
    case selfSigned = "self-signed"
    case stagingIssuer = "staging-issuer"
    case issuerNotCA = "issuer-not-ca"
    case pathlenExceeded = "pathlen-exceeded"
    case nameConstraint = "name-constraint"
    // Leaf and key
    case keyMismatch = "key-mismatch"
    case keyEncrypted = "key-encrypted"
    case keyNotPrivate = "key-not-private"
    case keyAmbiguous = "key-ambiguous"
    case keyMissing = "key-missing"
    case keyTypeRefused = "key-type-refused"
    case weakKey = "weak-key"
    case weakSignature = "weak-signature"
    case oddKeyType = "odd-key-type"
    case nameMismatch = "name-mismatch"
    case namesLost = "names-lost"
    case clientAuthLost = "client-auth-lost"
    case noSAN = "no-san"
    case wrongEKU = "wrong-eku"
    case leafIsCA = "leaf-is-ca"
    case mustStaple = "must-staple"
    // Files
    case fileMissing = "file-missing"
    case pemUnreadable = "pem-unreadable"
    case notPEM = "not-pem"
    case fileTooLarge = "file-too-large"
    case tooManyCertificates = "too-many-certificates"
    case notAFile = "not-a-file"
    case fileUnreadable = "file-unreadable"
    case filesDisagree = "files-disagree"
    case generationMixed = "generation-mixed"
    case generationStale = "generation-stale"
    case updateStuck = "update-stuck"
    case liveNotSymlink = "live-not-symlink"
    case noRenewalConf = "no-renewal-conf"
    case keyPermissions = "key-permissions"
    // Bundle, memory, wire
    case bundleMissing = "bundle-missing"
    case bundleStale = "bundle-stale"
    case bundleWasSymlink = "bundle-was-symlink"
    case bundleTorn = "bundle-torn"
    case memoryStale = "memory-stale"
    case memoryMissing = "memory-missing"
    case memoryUnused = "memory-unused"
    case companionRefused = "companion-refused"
    case haproxyUnreachable = "haproxy-unreachable"
    case oldWorkers = "old-workers"
    case transactionOpen = "transaction-open"
    case wireStale = "wire-stale"
    case wireUnreachable = "wire-unreachable"
    case shadowed
    case directoryUnsafe = "directory-unsafe"
    case deployFailed = "deploy-failed"
    case downgradeRefused = "downgrade-refused"
    case pinned
    case lineageRemoved = "lineage-removed"
    // The program itself
    case configurationInvalid = "configuration-invalid"
}

extension FindingID {
    /// Whether a finding keeps a deployment from going on.
    public enum Stop: Sendable {
        /// Never: it is only reported.
        case never
        /// Only where the served certificate does not have the same fault.
        case ifWorse
        /// Always, unless forced.
        case always
    }

    /// Whether this finding keeps a deployment from going on.
    public var stops: Stop {
        switch self {
        case .notYetValid, .keyMismatch, .keyEncrypted, .keyNotPrivate, .keyAmbiguous, .keyMissing, .keyTypeRefused,
            .fileMissing, .fileUnreadable, .pemUnreadable, .notPEM, .fileTooLarge, .tooManyCertificates, .notAFile,
            .filesDisagree, .generationMixed, .downgradeRefused:
            .always
        case .expired, .intermediateExpired, .chainIncomplete, .chainBroken, .stagingIssuer, .issuerNotCA,
            .pathlenExceeded, .nameConstraint, .nameMismatch, .namesLost:
            .ifWorse
        default: .never
        }
    }

    /// The severity where the rule has only one; rules with two say which when they raise it.
    public var usualSeverity: Severity {
        switch self {
        case .fileMissing, .fileUnreadable, .bundleMissing, .configurationInvalid: .unknown
        case .outlivesIssuer, .renewalOverdue, .validityTooLong, .clockSuspect, .rootInChain, .duplicateInChain,
            .unrelatedInChain, .oddKeyType, .namesLost, .clientAuthLost, .leafIsCA, .mustStaple, .generationStale,
            .updateStuck, .liveNotSymlink, .noRenewalConf, .bundleWasSymlink, .haproxyUnreachable, .oldWorkers,
            .transactionOpen, .downgradeRefused, .pinned, .lineageRemoved, .expiring, .companionRefused:
            .warning
        default: .critical
        }
    }
}
