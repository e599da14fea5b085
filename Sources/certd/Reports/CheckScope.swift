import CertKit

/// What has to be done to find what was asked for: nothing is read, asked or computed for any other group.
extension Set<FindingGroup> {
    /// What has to be read of each lineage.
    var parts: LineageParts {
        if isSubset(of: [.time, .chain]) { return .fullchain }
        return isSubset(of: [.time, .chain, .key]) ? .pair : .all
    }

    /// Whether it has to be known for sure who signed what: only what a deployment would make of a lineage is compared with
    /// what HAProxy has and serves. Names and key identifiers tell the order, a hundred times faster.
    var needSignatures: Bool { !isDisjoint(with: [.bundle, .memory, .wire]) }

    /// The last station that has to be looked at; nil where the lineage tells all.
    var lastStation: Station? {
        // What is served is what lost names are missing in, and what a downgrade is compared with.
        if !isDisjoint(with: [.key, .bundle, .wire]) { return .wire }
        if contains(.memory) { return .memory }
        // Who may read the bundle.
        return contains(.files) ? .bundle : nil
    }
}
