import CertKit

/// The generation that the stations of a lineage are to hold: the one that certbot has it stand at, or the one that a
/// rollback holds it at.
struct WantedGeneration: Sendable {
    let generation: Generation
    /// What certbot has it stand at; a fault of it concerns nobody who deploys while the lineage is pinned.
    let newest: Result<Generation, LineageError>
    let pin: StateDirectory.Pin?

    /// That it is pinned, where it is.
    var findings: [Finding] { (pin?.finding(newest: (try? newest.get())?.number)).map { [$0] } ?? [] }
}

extension Inventory {
    /// Reads what the stations of `lineage` are to hold.
    ///
    /// `memory` is for a look, and so is whatever is known of which lineages are not pinned; what is deployed is read
    /// without. What certbot has it stand at, read a moment ago, is not read again.
    /// - Throws: ``StateError`` for a pin that cannot be understood, else ``LineageError``.
    func wanted(
        of lineage: Lineage, within bound: Duration, recalling memory: LineageMemory? = nil,
        noted: NotedLineages? = nil, reading parts: LineageParts = .all, newest known: Generation? = nil
    ) async throws -> WantedGeneration {
        guard noted.mayContain(lineage), let pin = try state.pin(of: lineage) else {
            let generation =
                if let known { known } else {
                    try await self.generation(of: lineage, within: bound, recalling: memory, reading: parts)
                }
            return WantedGeneration(generation: generation, newest: .success(generation), pin: nil)
        }
        let newest = newest(of: lineage)
        guard let archive = archive(of: lineage, at: newest), try archive.numbers().contains(pin.generation) else {
            throw LineageError.noSuchGeneration(lineage: lineage.name, number: pin.generation)
        }
        return WantedGeneration(generation: try archive.generation(pin.generation), newest: newest, pin: pin)
    }

    /// What certbot has `lineage` stand at; nobody waits for what is not to be deployed.
    func newest(of lineage: Lineage) -> Result<Generation, LineageError> {
        GenerationReader(date: world.now).glance(at: lineage).outcome
    }

    /// Where the older generations of `lineage` are, also where `newest` cannot be read.
    func archive(of lineage: Lineage, at newest: Result<Generation, LineageError>) -> LineageArchive? {
        (try? newest.get())?.archive ?? LineageArchive(of: lineage)
    }
}
