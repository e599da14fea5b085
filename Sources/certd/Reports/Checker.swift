import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage

/// Looks at every lineage and says what is wrong; changes nothing.
struct Checker: Sendable {
    let inventory: Inventory

    /// The verdict on `lineages`, one broken one never hiding another.
    func document(of lineages: [Lineage]) async -> StatusDocument {
        var statuses: [LineageStatus] = []
        for lineage in lineages { statuses.append(await status(of: lineage)) }
        return StatusDocument(lineages: statuses, findings: inventory.findings, at: inventory.world.now())
    }

    private func status(of lineage: Lineage) async -> LineageStatus {
        var findings = failures(of: lineage)
        var target: BundleTarget?
        do throws(DiscoveryError) {
            target = try inventory.target(of: lineage)
        } catch {
            findings.append(error.finding)
        }
        var leaf: Certificate?
        var bundle: Bundle?
        do {
            let generation = try await inventory.generation(of: lineage, within: Inventory.lookBound)
            leaf = generation.leaf
            let candidate = try Candidate(generation, by: inventory.judge(hosts: target?.place.hosts ?? []))
            findings += candidate.findings
            bundle = candidate.bundle
        } catch {
            findings.append(Finding(error, of: lineage))
        }
        guard let target else { return LineageStatus(name: lineage.name, leaf: leaf, stations: [], findings: findings) }
        let look = await inventory.observer(of: target).look(for: leaf)
        return LineageStatus(
            name: lineage.name, leaf: leaf, stations: stations(look, bundle: bundle),
            findings: findings + look.findings(for: lineage.name, bundle: bundle))
    }

    /// A failed hook is a mere warning to certbot, so this is where it is remembered.
    private func failures(of lineage: Lineage) -> [Finding] {
        guard let failure = inventory.state.failure(of: lineage) else { return [] }
        let since = failure.at.formatted(.iso8601)
        return [
            Finding(.deployFailed, "the deployment of \(since) failed: \(failure.message)", remedy: failure.remedy)
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
