import CertKit
import HAProxyKit
import Logging
import SystemPackage

/// Deploying, with the same function as the commands.
extension DaemonLoop {
    /// Reads the lineages that are to be dealt with, to see which of them certbot is done with; gives those that are only to
    /// be looked at.
    ///
    /// As soon as there is enough to begin with, the others are left to the run, which reads several at a time.
    mutating func settle() -> [Generation] {
        for (lineage, settling) in expected
        where settling.next <= .now && places[lineage]?.directory != Stamp(of: lineage) {
            expected[lineage] = nil
            begin(lineage, because: .event)
        }
        let reader = GenerationReader(bound: Settling.bound, date: daemon.world.now)
        var quiet: [Generation] = []
        var whole = 0
        unsettled = []
        for lineage in schedule.readable(at: .now) {
            // Before it is read, so that what happens meanwhile is seen by the next look.
            places[lineage]?.directory = Stamp(of: lineage)
            if whole >= DeploymentRun.width, canBeReadByRun(lineage) {
                unsettled.insert(lineage)
                continue
            }
            let glance = reader.glance(at: lineage)
            schedule.read(lineage, isWhole: glance.isWhole, at: .now)
            if glance.isWhole, schedule.hasEvent(lineage) { whole += 1 }
            if glance.isWhole, schedule.isQuiet(lineage), case .success(let generation) = glance.outcome {
                quiet.append(generation)
            }
        }
        return quiet
    }

    /// Whether nothing but the lineage itself is to be looked at before it is deployed.
    private func canBeReadByRun(_ lineage: Lineage) -> Bool {
        guard schedule.hasEvent(lineage), silent.isEmpty, let inventory else { return false }
        return inventory.place(of: lineage) != nil && !inventory.needsRoot(lineage)
    }

    /// Deploys all that have settled, in one run.
    mutating func deploy() async {
        // What could not be matched with what HAProxy has loaded may be by its new certificate, and what is not there at
        // all was removed after it had settled.
        if schedule.deployable.contains(where: { lineage in
            schedule.hasEvent(lineage) && (inventory?.place(of: lineage) == nil || !isThere(lineage.directory))
        }) {
            await takeInventory()
        }
        guard let inventory else { return }
        for lineage in schedule.deployable where !inventory.hasBundle(lineage) { schedule.finish(lineage) }
        await askSilentSockets()
        let own = schedule.deployable.filter { !leaveToRoot($0, by: inventory) } + unsettled.sorted()
        guard !own.isEmpty else { return }
        var run = DeploymentRun(inventory: inventory)
        swap(&run.unsettled, &unsettled)
        let silence = Silence()
        run.isEnding = { [inbox] in inbox.isEnding || silence.socket != nil }
        do {
            _ = try await results(of: run, own) { silence.take($0) }
            if let socket = silence.socket { fallSilent(socket) }
        } catch {
            for lineage in own { fail(lineage, error) }
        }
    }

    /// Has root asked for a lineage that this process may not write.
    private mutating func leaveToRoot(_ lineage: Lineage, by inventory: Inventory) -> Bool {
        guard inventory.needsRoot(lineage) else { return false }
        schedule.handOn(lineage)
        if askedOfRoot.insert(lineage).inserted { daemon.controller.askRoot(for: lineage, by: inventory) }
        return true
    }

    /// Takes note of how a deployment by way of root ended.
    mutating func takeFromRoot(_ result: DeploymentRun.Result) {
        askedOfRoot.remove(result.lineage)
        if let inventory { take(result, by: inventory) }
    }

    /// Does what somebody waits for.
    mutating func answer(_ request: Inbox.Request) async {
        // certbot may have issued it for the first time a moment ago.
        if request.lineages?.contains(where: { inventory?.place(of: $0) == nil }) == true { await takeInventory() }
        guard let inventory else {
            return request.answer.resume(throwing: DaemonError.blind(known.blindness?.message ?? "not looked yet"))
        }
        var run = DeploymentRun(inventory: inventory, isForced: request.isForced, isDryRun: request.isDryRun)
        run.isEnding = { [inbox] in inbox.isEnding }
        do {
            request.answer.resume(returning: try await results(of: run, request.lineages ?? inventory.lineages))
        } catch {
            request.answer.resume(throwing: error)
        }
    }

    private mutating func results(
        of run: DeploymentRun, _ lineages: [Lineage], hear: (DeploymentRun.Result) -> Void = { _ in }
    ) async throws -> [DeploymentRun.Result] {
        var results: [DeploymentRun.Result] = []
        _ = try await run.run(lineages, leave: { schedule.read($0, isWhole: false, at: .now) }) { result in
            results.append(result)
            hear(result)
            daemon.supervisor.alive()
        }
        guard !run.isDryRun else { return results }
        for result in results { take(result, by: run.inventory) }
        return results
    }

    private mutating func take(_ result: DeploymentRun.Result, by inventory: Inventory) {
        let lineage = result.lineage
        daemon.controller.figures.count(result)
        if let path = inventory.place(of: lineage)?.path { places[lineage]?.bundle = Stamp(of: path) }
        switch result.outcome {
        case .success(let report):
            logger.log(report)
            if known.failing.removeValue(forKey: lineage) != nil {
                logger.notice("in step again", metadata: ["lineage": "\(lineage)"])
            }
            // Told when certbot has changed something, not at each look.
            if schedule.hasEvent(lineage), case .nothingToDo = report.outcome,
                let pin = report.findings.first(where: { $0.id == .pinned })
            {
                logger.notice("pinned", metadata: ["lineage": "\(lineage)", "finding": "\(pin.message)"])
            }
            schedule.finish(lineage)
        case .failure(let error): fail(lineage, error)
        }
    }

    private mutating func fail(_ lineage: Lineage, _ error: any Error) {
        schedule.fail(lineage, at: .now, using: &generator)
        let trouble = LastLook.Trouble(error)
        // Told once, not at each of the tries that follow.
        let isNew = known.failing.updateValue(trouble, forKey: lineage) != trouble
        logger.log(
            level: isNew ? .error : .debug, "not deployed",
            metadata: ["lineage": "\(lineage)", "error": "\(trouble.message)", "remedy": "\(trouble.remedy)"])
    }
}

extension Logger {
    /// One line for a deployment, and one for each thing that will need someone.
    fileprivate func log(_ report: DeploymentReport) {
        guard case .deployed = report.outcome else {
            return debug("in step", metadata: ["lineage": "\(report.lineage)"])
        }
        var metadata: Metadata = [
            "lineage": "\(report.lineage)", "sha256": "\(report.leaf.fingerprint)",
            "previous": "\(report.previous?.description ?? "none")",
            "stations": "\(report.differences.map(\.station).joined(separator: ","))",
            "milliseconds": "\(report.duration.inMilliseconds)",
        ]
        if let time = report.timeToProof {
            metadata["milliseconds-to-proof"] = "\(time.inMilliseconds)"
        }
        notice("deployed", metadata: metadata)
        for finding in report.findings where finding.severity != .ok {
            warning(
                "\(finding.id.rawValue)",
                metadata: [
                    "lineage": "\(report.lineage)", "finding": "\(finding.message)", "remedy": "\(finding.remedy)",
                ])
        }
    }
}

extension Duration {
    /// In milliseconds, to a tenth.
    fileprivate var inMilliseconds: Double { (self / .microseconds(100)).rounded() / 10 }
}

/// Whether anything stands at `path`, which may be a link that leads nowhere.
private func isThere(_ path: FilePath) -> Bool { (try? path.stat(followTargetSymlink: false)) != nil }
