import CertKit

/// One look at lineages with everything that is known of them, by this process or, where it may not, by the daemon.
struct StatusSight {
    let settings: Settings

    /// The document on the lineages `names`, or all.
    func document(of names: [String]) async throws -> StatusDocument {
        let document: StatusDocument
        do {
            let inventory = try await Inventory(settings: settings, world: .live)
            document = try await Checker(inventory: inventory).document(named: names)
        } catch let error as LineageError {
            document = StatusDocument(lineages: [], findings: [error.finding], at: World.live.now())
        }
        guard document.mayNotRead else { return document }
        let second = SecondSight(
            settings: settings, groups: Set(FindingGroup.allCases), hosts: [], ignoresTrust: false)
        return try await second.document(instead: document, of: names, at: World.live.now())
    }
}
