import CertKit
import FoundationEssentials
import SystemPackage

/// Lineages that were deleted, beside those that are there.
extension Checker {
    /// The verdict on the lineages that the operator named, or on all; those that were deleted and have left something
    /// among them.
    func document(
        named operands: [String], showing progress: Progress? = nil
    ) async throws(LineageOperandError) -> StatusDocument {
        let removed = await inventory.removed()
        var all = inventory.lineages
        if !removed.isEmpty {
            let known = Set(all)
            all += removed.map(\.lineage).filter { !known.contains($0) }
        }
        guard !operands.isEmpty else { return await document(of: all, removed: removed, showing: progress) }
        var named: [Lineage] = []
        for operand in operands { named.append(try inventory.settings.lineage(for: operand, among: all)) }
        return await document(of: named, removed: removed, showing: progress)
    }

    /// One of which only something is left.
    func status(of removed: RemovedLineage, on now: Date) -> LineageStatus {
        let leaf = (try? InstalledBundle.read(at: removed.path, keyAt: removed.place?.keyPath))?.leaf
        return LineageStatus(
            name: removed.lineage.name, leaf: leaf, stations: [], findings: chosen(removed.findings(leaf, on: now)),
            path: removed.path.string, lastDeployment: tellsDeployments ? removed.lastDeployment : nil)
    }
}
