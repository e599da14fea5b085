import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage

/// Looks at every lineage and says what is wrong; changes nothing.
struct Checker: Sendable {
    let inventory: Inventory
    /// Signatures that are not verified again; without it all are.
    var signatures: SignatureMemory?
    /// Lineages that are not read again if nothing of them was touched; without it all are.
    var calm: CalmMemory?

    /// Whether signatures are verified even where nothing that is looked for needs them.
    var verifiesEverySignature = false
    /// The groups to look for; all unless some are chosen.
    var groups = Set(FindingGroup.allCases)
    /// Names that every lineage must cover, beside those of its bundle.
    var hosts: [String] = []
    /// Whether the last deployments are told, which a file each knows.
    var tellsDeployments = true
    /// Whether the leaves are described; a table has no room for it.
    var tellsLeaves = true
    /// How many cores to use.
    var cores = 1

    /// The verdict on `lineages`, one broken one never hiding another; `removed` are those of which only something is left.
    func document(
        of lineages: [Lineage], removed: [RemovedLineage] = [], showing progress: Progress? = nil
    ) async -> StatusDocument {
        let removed = Dictionary(removed.map { ($0.lineage, $0) }) { first, _ in first }
        var progress = progress
        let now = inventory.world.now()
        var statuses: [LineageStatus] = []
        statuses.reserveCapacity(lineages.count)
        var general = inventory.findings + (lineages.isEmpty ? [inventory.noLineage] : [])
        general += chosen(Checker.clockFindings(on: now, builtAt: Version.builtAt))
        var sockets: [String] = []
        var bundles: [String: Certificate?] = [:]
        progress?.begin(lineages.count)
        let signatures = signatures
        let noted = inventory.state.noted()
        let calm = CalmLook(self, noted: noted)
        await spread(
            lineages, overCores: cores, remembering: { LineageMemory(signatures: signatures) },
            { lineage, memory in
                if let removed = removed[lineage] { return Look(status: status(of: removed, on: now)) }
                if let status = calm?.status(of: lineage, recalling: memory) { return Look(status: status) }
                return await look(at: lineage, recalling: memory, noted: noted)
            }
        ) { look in
            statuses.append(look.status)
            progress?.step()
            // A socket that is down is down for all of them, and is told once.
            general += look.shared.filter { !general.contains($0) }
            guard let stations = look.stations else { return }
            for station in stations.memory {
                bundles[station.name] = stations.bundle.installed?.leaf
                if !sockets.contains(station.socket) { sockets.append(station.socket) }
            }
            bundles[stations.bundle.path.string] = .some(stations.bundle.installed?.leaf)
        }
        progress?.end()
        if groups.contains(.memory) { general += await inventory.oldWorkers() }
        if groups.contains(.memory) { general += await transactionFindings(on: sockets) }
        if groups.contains(.bundle) { general += directoryFindings(beside: bundles, on: now) }
        return StatusDocument(lineages: statuses, findings: general, at: now)
    }

    /// One lineage, and what was found on the way that is not its own.
    private struct Look {
        let status: LineageStatus
        var stations: Observation?
        var shared: [Finding] = []
    }

    private func look(at lineage: Lineage, recalling memory: LineageMemory, noted: NotedLineages?) async -> Look {
        let mayBeNoted = noted.mayContain(lineage)
        var findings = mayBeNoted && groups.contains(.bundle) ? failures(of: lineage) : []
        var target: BundleTarget?
        do throws(DiscoveryError) {
            target = try inventory.target(of: lineage)
        } catch {
            findings.append(error.finding)
        }
        let issued: KeylessGeneration
        let newest: Result<KeylessGeneration, LineageError>
        var wanted: WantedGeneration?
        do {
            // Whoever may not read the keys may not read the pins either.
            if groups.parts != .fullchain || mayBeNoted && (try? inventory.state.pin(of: lineage)) != nil {
                let whole = try await inventory.wanted(
                    of: lineage, within: Inventory.lookBound, recalling: memory, noted: noted,
                    // A bundle that is compared with the lineage has to be the whole lineage's.
                    reading: target == nil ? groups.parts : .all)
                (issued, newest, wanted) = (whole.generation.withoutKey, whole.newest.map(\.withoutKey), whole)
            } else {
                issued = try await inventory.keylessGeneration(
                    of: lineage, within: Inventory.lookBound, recalling: memory)
                newest = .success(issued)
            }
        } catch {
            if mayBeNoted, let pin = try? inventory.state.pin(of: lineage) { findings.append(pin.finding(newest: nil)) }
            // With nothing to compare them with, the stations say nothing. Chosen or not, what hides the rest is told.
            return Look(
                status: LineageStatus(
                    name: lineage.name, leaf: nil, stations: [],
                    findings: chosen(findings) + [Finding(error, of: lineage)]))
        }
        findings += wanted?.findings ?? []
        var judge = inventory.judge(hosts: (target?.place.hosts ?? []) + hosts)
        judge.signatures = signatures
        judge.evidence = verifiesSignatures ? .signature : .keyIdentifier
        var bundle: Bundle?
        do {
            if let wanted {
                let candidate = try Candidate(wanted.generation, by: judge)
                findings += candidate.findings
                bundle = candidate.bundle
            } else {
                findings += judge.findings(on: issued)
            }
        } catch {
            findings.append(Finding(error, of: lineage))
        }
        var upkeep: Upkeep?
        do throws(LineageError) {
            upkeep = Upkeep(of: try newest.get(), on: judge.now, lookingForNewer: groups.contains(.files))
            findings += upkeep?.findings ?? []
        } catch {
            findings.append(error.finding)
        }
        var stations: [StationStatus] = []
        var seen: [Finding] = []
        var look: Observation?
        if let target, let wanted, let last = groups.lastStation {
            let observed = await inventory.observer(of: target).look(for: wanted.generation.leaf, asFarAs: last)
            stations = self.stations(observed, asFarAs: last, bundle: bundle)
            seen = observed.findings(for: lineage.name, bundle: bundle)
            findings += exposure(of: observed, at: target.place)
            findings += changes(from: observed, to: wanted, bundle: bundle, judge: judge)
            look = observed
        }
        let own = findings + seen.filter { $0.id != .haproxyUnreachable }
        return Look(
            status: LineageStatus(
                name: lineage.name, leaf: issued.leaf, stations: stations, findings: chosen(own),
                path: lineage.directory.appending("fullchain.pem").string,
                lastDeployment: tellsDeployments ? inventory.state.lastDeployment(of: lineage)?.at : nil,
                renewal: upkeep?.renewal, describesLeaf: tellsLeaves),
            stations: look, shared: chosen(seen.filter { $0.id == .haproxyUnreachable }))
    }

    /// Those of the groups that were asked for.
    func chosen(_ findings: [Finding]) -> [Finding] {
        findings.filter { $0.id.group == .program || groups.contains($0.id.group) }
    }

    /// Whether signatures are verified, unless an earlier run has.
    var verifiesSignatures: Bool { verifiesEverySignature || groups.needSignatures }

    /// Who else can read the key in the bundle, beside the group that the configuration gives it.
    private func exposure(of look: Observation, at place: BundlePlace) -> [Finding] {
        guard let file = look.bundle.installed?.keyFile else { return [] }
        let group = place.group.flatMap { try? groupID(named: $0) }
        return [KeyExposure(of: file.path, file.identity, trusting: Set([group].compactMap { $0 }))].compactMap {
            $0?.finding
        }
    }

    /// What clients would lose with the lineage's certificate, where they are served another one.
    private func changes(
        from look: Observation, to wanted: WantedGeneration, bundle: Bundle?, judge: Judge
    ) -> [Finding] {
        guard let bundle, !look.isInSync(with: bundle),
            let served = Served(look, generation: wanted.generation, judge: judge),
            served.fingerprint != wanted.generation.leaf.fingerprint
        else { return [] }
        return Guards(now: judge.now, isForced: false, isPinned: wanted.pin != nil)
            .comparison(of: wanted.generation, with: served)
    }

    /// The directories that HAProxy loads whole, where one of `bundles` lies.
    private func directoryFindings(beside bundles: [String: Certificate?], on now: Date) -> [Finding] {
        guard inventory.settings.haproxy.sockets != [] else { return [] }
        return (inventory.configuration?.loadedDirectories ?? []).flatMap { directory -> [Finding] in
            guard directory.files.contains(where: { bundles[$0] != nil }) else { return [] }
            return directory.findings(known: bundles, on: now)
        }
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

    private func stations(_ look: Observation, asFarAs last: Station, bundle: Bundle?) -> [StationStatus] {
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
        var stations = [disk]
        if last >= .memory {
            stations += memory.isEmpty ? [StationStatus(station: "memory", where: "", state: absent)] : memory
        }
        if last >= .wire {
            stations += wire.isEmpty ? [StationStatus(station: "wire", where: "", state: absent)] : wire
        }
        return stations
    }
}

extension Observation {
    /// Whether every station that can prove anything holds this very leaf.
    fileprivate func isInSync(with wanted: Bundle) -> Bool {
        bundle.state(of: wanted.leaf) == .inSync
            && memory.allSatisfy { $0.isDown || $0.holds(wanted) }
            && wire.allSatisfy { !$0.isProvable || $0.state(of: wanted.leaf) == .inSync }
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
