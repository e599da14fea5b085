import ArgumentParser
import CertKit
import Glibc
import SystemPackage

/// Takes orders in the daemon, and puts what came of them into the words of the command that was called.
struct DeploymentDesk: Sendable {
    /// What becomes of an order.
    enum Outcome: Equatable, Sendable {
        case answer(DeploymentAnswer)
        /// It is for the one who asks to carry it out, because of this.
        case notMine(String)
    }

    /// What there is on this host now, by the daemon's configuration.
    let inventory: @Sendable () async throws -> Inventory
    /// Deploys, one lineage's failure not stopping another's.
    let deploy:
        @Sendable (_ lineages: [Lineage], _ isForced: Bool, _ isDryRun: Bool) async throws -> [DeploymentRun.Result]

    /// Carries out what `caller` asks for.
    func take(_ request: DeploymentRequest, from caller: UInt32) async -> Outcome {
        var lines: [SpokenLine] = []
        do {
            let inventory = try await inventory()
            guard request.configuration == inventory.settings.mark else {
                return .notMine("the daemon runs with another configuration")
            }
            let order = request.order
            let chosen = try order.lineages(of: inventory) { lines.append($0) }
            if caller == 0, let lineage = chosen.first(where: { inventory.needsRoot($0) }) {
                return .notMine("the daemon may not write the bundle of \(lineage)")
            }
            let results = try await deploy(chosen, order.isForced, order.isDryRun)
            for result in results { lines += DeploymentLines.lines(of: result) }
            let isDone = results.allSatisfy { if case .success = $0.outcome { true } else { false } }
            return .answer(DeploymentAnswer(lines: lines, exitCode: isDone ? 0 : 1))
        } catch {
            let report = ErrorReport(error)
            lines += report.map { $0.lines.map(SpokenLine.error) } ?? []
            return .answer(DeploymentAnswer(lines: lines, exitCode: report?.exitCode(ofCheck: false).rawValue ?? 1))
        }
    }
}

extension Inventory {
    /// Whether the bundle of `lineage` is in a directory that this process does not own, or is to be given to somebody
    /// else: then root has to write it.
    func needsRoot(_ lineage: Lineage) -> Bool {
        guard geteuid() != 0, let place = try? target(of: lineage)?.place else { return false }
        if place.owner != nil || place.group != nil { return true }
        let directory = try? Stat(place.path.removingLastComponent())
        return directory.map { $0.userID.rawValue != geteuid() } ?? false
    }
}
