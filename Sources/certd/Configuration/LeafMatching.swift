import CertKit

/// Pairs lineages with the certificates that HAProxy has loaded, by what their leaves have in common.
struct LeafMatching {
    /// The lineages without a bundle.
    let lineages: [LineageFacts]
    /// The certificates that are nobody's bundle yet.
    let loaded: [LoadedFacts]
    /// All lineages: their leaves prove whose a certificate is.
    let known: [LineageFacts]

    /// HAProxy's name for the bundle of each lineage, where there is one.
    ///
    /// The surest likeness decides first, and what it decides is out of the question for weaker ones: so a wildcard
    /// lineage does not lay hands on the certificate that another lineage has loaded.
    func names() -> [Lineage: Result<String, DiscoveryError>] {
        var found: [Lineage: Result<String, DiscoveryError>] = [:]
        var free = loaded
        for likeness in Likeness.allCases {
            let open = lineages.filter { found[$0.lineage] == nil }
            let candidates = pairs(of: open, with: free, by: likeness)
            found.merge(decided(candidates)) { earlier, _ in earlier }
            let taken = Set(candidates.map(\.name))
            free.removeAll { taken.contains($0.name) }
            if likeness == .sameLeaf {
                let own = Set(known.compactMap(\.leaf?.identity))
                free.removeAll { own.contains($0.leaf?.identity ?? "") }
            }
        }
        return found
    }

    private struct Pair: Hashable {
        let lineage: Lineage
        let name: String
    }

    private func pairs(of lineages: [LineageFacts], with loaded: [LoadedFacts], by likeness: Likeness) -> [Pair] {
        var index: [String: [LineageFacts]] = [:]
        for facts in lineages {
            for key in facts.leaf.map(likeness.keys) ?? [] { index[key, default: []].append(facts) }
        }
        var pairs: [Pair] = []
        var seen: Set<Pair> = []
        for certificate in loaded {
            guard let leaf = certificate.leaf else { continue }
            for facts in likeness.lookups(leaf).flatMap({ index[$0] ?? [] }) {
                guard let own = facts.leaf, likeness.holds(own, leaf) else { continue }
                let pair = Pair(lineage: facts.lineage, name: certificate.name)
                if seen.insert(pair).inserted { pairs.append(pair) }
            }
        }
        return pairs
    }

    /// A pair is a match where neither of the two is in another one.
    private func decided(_ pairs: [Pair]) -> [Lineage: Result<String, DiscoveryError>] {
        let byLineage = Dictionary(grouping: pairs, by: \.lineage)
        let byName = Dictionary(grouping: pairs, by: \.name)
        return byLineage.mapValues { own in
            let rivals = own.flatMap { byName[$0.name] ?? [] }
            if own.count > 1 {
                return .failure(.severalBundles(lineage: own[0].lineage.name, names: own.map(\.name)))
            }
            if rivals.count > 1 {
                return .failure(.severalLineages(name: own[0].name, lineages: rivals.map(\.lineage.name)))
            }
            return .success(own[0].name)
        }
    }
}

/// What a lineage's leaf and a loaded one can have in common, surest first.
private enum Likeness: CaseIterable {
    /// They are the same certificate.
    case sameLeaf
    /// They are for the same names and have the same kind of key: a certificate and its successor in a pair.
    case sameNamesAndAlgorithm
    /// They are for the same names, as a certificate and its successor are.
    case sameNames
    /// The lineage's names cover the loaded one's.
    case covered

    /// What a lineage's leaf is found by.
    func keys(_ own: LeafFacts) -> [String] {
        switch self {
        case .sameLeaf: [own.identity]
        case .sameNamesAndAlgorithm: Likeness.sameNames.keys(own).map { "\(own.algorithm) \($0)" }
        case .sameNames: own.names.isEmpty ? [] : [own.names.sorted().joined(separator: " ")]
        case .covered: own.names
        }
    }

    /// The keys of all lineages that can be like a loaded leaf.
    func lookups(_ loaded: LeafFacts) -> [String] {
        switch self {
        case .sameLeaf, .sameNamesAndAlgorithm, .sameNames: keys(loaded)
        case .covered: loaded.names.first.map { [$0, wildcard(above: $0)] } ?? []
        }
    }

    /// Whether two leaves of which one was found by the other's keys are alike.
    func holds(_ own: LeafFacts, _ loaded: LeafFacts) -> Bool {
        switch self {
        case .sameLeaf, .sameNamesAndAlgorithm, .sameNames: true
        case .covered: loaded.names.allSatisfy { own.names.contains($0) || own.names.contains(wildcard(above: $0)) }
        }
    }
}

/// `*.example.com` of `pbx.example.com`: a wildcard stands for one label.
private func wildcard(above name: String) -> String {
    "*\(name.drop { $0 != "." })"
}
