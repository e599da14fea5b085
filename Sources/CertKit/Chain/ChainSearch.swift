internal import FoundationEssentials

/// Finds the way from the leaf upwards through what was sent with it.
///
/// Where there are several (cross-signed intermediates), it is the one that reaches a trust anchor and whose certificates
/// all last longest, as TLS clients choose; the others are as right.
struct ChainSearch {
    /// Positions in ``Issuance/certificates``, nearest issuer of the leaf first.
    private(set) var path: [Int] = []
    /// How many of ``path`` lead to ``anchor``; all where there is none.
    private(set) var neededCount = 0
    /// The trust anchor that ends the path.
    private(set) var anchor: Certificate?
    /// Whether another path would be right too.
    private(set) var isAmbiguous = false
    /// Those on another way that were sent before the one of ``path`` that is needed in their place.
    private(set) var overtaking: [Int] = []
    /// All that lies on any way upwards from the leaf, which is at 0.
    private(set) var reached: Set<Int> = [0]

    private let certificates: [Certificate]
    private var issuers: [Int: [Int]] = [:]

    init(_ issuance: inout Issuance, trust: TrustStore?) {
        certificates = issuance.certificates
        // A leaf that signed itself has nobody above it.
        guard !issuance.isRoot(0) else { return }
        let end = explore(&issuance, trust: trust)
        if let end {
            path = end.way
            anchor = end.anchor
        }
        while let next = issuers[path.last ?? 0]?.filter({ !path.contains($0) }).max(by: endsEarlier) {
            path.append(next)
        }
        neededCount = end?.way.count ?? path.count
        isAmbiguous = ([0] + path).enumerated().contains { place, index in
            let below = path.prefix(place)
            return (issuers[index] ?? []).count { !below.contains($0) } > 1
        }
        for (below, needed) in zip([0] + path, path.prefix(neededCount)) {
            overtaking += (issuers[below] ?? []).filter { $0 < needed && !path.contains($0) }
        }
    }

    /// Visits everything above the leaf, what lasts longest first; gives the first way that an anchor ends.
    private mutating func explore(
        _ issuance: inout Issuance, trust: TrustStore?
    ) -> (way: [Int], anchor: Certificate)? {
        var found: (way: [Int], anchor: Certificate)?
        var waiting: [(index: Int, way: [Int], lasts: Date)] = [(0, [], .distantFuture)]
        while let place = waiting.indices.max(by: { waiting[$0].lasts < waiting[$1].lasts }) {
            let (index, way, lasts) = waiting.remove(at: place)
            if found == nil {
                found = trust?.anchor(
                    issuing: certificates[index], recalling: issuance.memory, believing: issuance.evidence
                ).map { (way, $0) }
            }
            let above = issuance.intermediates(above: index)
            issuers[index] = above
            for next in above where reached.insert(next).inserted {
                waiting.append((next, way + [next], min(lasts, certificates[next].notAfter)))
            }
        }
        return found
    }

    private func endsEarlier(_ one: Int, _ other: Int) -> Bool {
        certificates[one].notAfter < certificates[other].notAfter
    }
}
