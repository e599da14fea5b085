import CertKit

/// The first look at a lineage, which is the last one at nearly all: whether there is nothing to tell of it.
struct CalmLook: Sendable {
    private let inventory: Inventory
    private let rules: CalmRules
    private let noted: NotedLineages

    /// Nil where more is told of a lineage than its dates, or it takes more to say that all is well.
    init?(_ checker: Checker, noted: NotedLineages?) {
        guard let noted, !checker.tellsLeaves, !checker.tellsDeployments,
            checker.hosts.isEmpty || !checker.groups.contains(.key)
        else { return nil }
        inventory = checker.inventory
        rules = CalmRules(
            trust: inventory.trust, thresholds: inventory.settings.check.thresholds,
            evidence: checker.verifiesSignatures ? .signature : .keyIdentifier, signatures: checker.signatures,
            parts: checker.groups.parts, memory: checker.calm)
        self.noted = noted
    }

    /// Nil where the lineage has stations, or anything about it is unusual.
    func status(of lineage: Lineage, recalling memory: LineageMemory) -> LineageStatus? {
        guard !inventory.hasBundle(lineage), !noted.contains(lineage),
            let calm = memory.calm(lineage, by: rules, on: inventory.world.now())
        else { return nil }
        return LineageStatus(lineage, calm: calm)
    }
}
