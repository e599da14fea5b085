import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage

/// Looks at every lineage and says what is wrong; changes nothing.
struct Checker: Sendable {
    let inventory: Inventory
    /// Signatures that are not verified again; without it all are.
    var signatures: SignatureMemory?

    /// The verdict on `lineages`, one broken one never hiding another.
    func document(of lineages: [Lineage]) async -> StatusDocument {
        var statuses: [LineageStatus] = []
        var general = inventory.findings + (lineages.isEmpty ? [inventory.noLineage] : [])
        for lineage in lineages {
            let (status, shared) = await look(at: lineage)
            statuses.append(status)
            // A socket that is down is down for all of them, and is told once.
            general += shared.filter { !general.contains($0) }
        }
        general += await inventory.oldWorkers()
        return StatusDocument(lineages: statuses, findings: general, at: inventory.world.now())
    }

    /// One lineage, and what was found on the way that is not its own.
    private func look(at lineage: Lineage) async -> (LineageStatus, shared: [Finding]) {
        var findings = failures(of: lineage)
        var target: BundleTarget?
        do throws(DiscoveryError) {
            target = try inventory.target(of: lineage)
        } catch {
            findings.append(error.finding)
        }
        let generation: Generation
        do throws(LineageError) {
            generation = try await inventory.generation(of: lineage, within: Inventory.lookBound)
        } catch {
            // With nothing to compare them with, the stations say nothing.
            let status = LineageStatus(
                name: lineage.name, leaf: nil, stations: [], findings: findings + [error.finding])
            return (status, [])
        }
        var bundle: Bundle?
        do {
            var judge = inventory.judge(hosts: target?.place.hosts ?? [])
            judge.signatures = signatures
            let candidate = try Candidate(generation, by: judge)
            findings += candidate.findings
            bundle = candidate.bundle
        } catch {
            findings.append(Finding(error, of: lineage))
        }
        var stations: [StationStatus] = []
        var seen: [Finding] = []
        if let target {
            let look = await inventory.observer(of: target).look(for: generation.leaf)
            stations = self.stations(look, bundle: bundle)
            seen = look.findings(for: lineage.name, bundle: bundle)
        }
        let own = findings + seen.filter { $0.id != .haproxyUnreachable }
        let status = LineageStatus(name: lineage.name, leaf: generation.leaf, stations: stations, findings: own)
        return (status, seen.filter { $0.id == .haproxyUnreachable })
    }

    /// A failed hook is a mere warning to certbot, so this is where it is remembered.
    private func failures(of lineage: Lineage) -> [Finding] {
        guard let failure = inventory.state.failure(of: lineage) else { return [] }
        let since = failure.at.utc
        return [
            Finding(
                .deployFailed, "the deployment of \(since) failed: \(failure.message.about(lineage.name))",
                remedy: failure.remedy)
        ]
    }

    private func stations(_ look: Observation, bundle: Bundle?) -> [StationStatus] {
        func word(_ state: (Bundle) -> StationState) -> String { (bundle.map(state) ?? .unreachable).rawValue }
        let disk = StationStatus(
            station: "bundle", where: look.bundle.path.string, state: word { look.bundle.state(of: $0.leaf) },
            sha256: look.bundle.installed?.leaf?.fingerprint.description)
        let memory = look.memory.map { station in
            StationStatus(
                station: "memory", where: station.socket, state: word { station.state(of: $0.leaf, chain: $0.chain) },
                serial: station.certificate?.leaf?.serial)
        }
        let wire = look.wire.map { station in
            StationStatus(
                station: "wire", where: station.address.description,
                state: station.notProvable == nil
                    ? word { station.state(of: $0.leaf) } : StationState.notConfigured.rawValue,
                sha256: (try? station.served.get())?.leafFingerprint.description)
        }
        let absent = StationState.notConfigured.rawValue
        return [disk]
            + (memory.isEmpty ? [StationStatus(station: "memory", where: "", state: absent)] : memory)
            + (wire.isEmpty ? [StationStatus(station: "wire", where: "", state: absent)] : wire)
    }
}

extension Finding {
    /// What kept a lineage from being read.
    fileprivate init(_ error: any Error, of lineage: Lineage) {
        if let diagnosis = error as? any Diagnosis {
            self = diagnosis.finding
        } else {
            self.init(.fileUnreadable, "\(error)", remedy: "ls -lL \(lineage.directory)")
        }
    }
}
