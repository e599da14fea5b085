/// What a finding is about, for `--only` and the pages of the catalogue.
public enum FindingGroup: String, Sendable, Hashable, CaseIterable {
    /// Dates, of certificates and of renewals.
    case time
    /// What is sent beside the leaf.
    case chain
    /// The leaf itself, its names and its key.
    case key
    /// The lineage's files.
    case files
    /// The bundle that HAProxy loads from disk.
    case bundle
    /// What HAProxy has loaded.
    case memory
    /// What a handshake shows.
    case wire
    /// certd itself: never left out.
    case program
}

extension FindingID {
    /// What it is about.
    public var group: FindingGroup {
        switch self {
        case .expired, .expiring, .notYetValid, .intermediateExpired, .outlivesIssuer, .renewalOverdue,
            .validityTooLong,
            .clockSuspect:
            .time
        case .chainIncomplete, .chainBroken, .chainOrder, .rootInChain, .duplicateInChain, .unrelatedInChain,
            .untrusted,
            .selfSigned, .stagingIssuer, .issuerNotCA, .pathlenExceeded, .nameConstraint:
            .chain
        case .keyMismatch, .keyEncrypted, .keyNotPrivate, .keyAmbiguous, .keyMissing, .keyTypeRefused, .weakKey,
            .weakSignature, .oddKeyType, .nameMismatch, .namesLost, .clientAuthLost, .noSAN, .wrongEKU, .leafIsCA,
            .mustStaple:
            .key
        case .fileMissing, .pemUnreadable, .notPEM, .fileTooLarge, .tooManyCertificates, .notAFile, .fileUnreadable,
            .filesDisagree, .generationMixed, .generationStale, .updateStuck, .liveNotSymlink, .noRenewalConf,
            .keyPermissions:
            .files
        case .bundleMissing, .bundleStale, .bundleWasSymlink, .bundleTorn, .shadowed, .directoryUnsafe, .deployFailed,
            .downgradeRefused, .pinned, .lineageRemoved:
            .bundle
        case .memoryStale, .memoryMissing, .memoryUnused, .companionRefused, .haproxyUnreachable, .oldWorkers,
            .transactionOpen:
            .memory
        case .wireStale, .wireUnreachable: .wire
        case .configurationInvalid: .program
        }
    }
}
