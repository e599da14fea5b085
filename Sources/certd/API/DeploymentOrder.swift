import CertKit

/// A deployment as somebody asked for it: carried out here, or by the daemon that was handed it.
struct DeploymentOrder: Codable, Equatable, Sendable {
    /// The command that was called.
    enum Command: String, Codable, Sendable { case deploy, hook }

    let command: Command
    /// The operands of `deploy`; all lineages that have a bundle where there are none.
    var lineages: [String] = []
    /// What certbot says that it renewed, as far as it can be believed; nil where it says nothing.
    var hint: String?
    var isForced = false
    var isDryRun = false

    /// The lineages that are meant, after what is to be said about others.
    ///
    /// - Throws: an error that blames the arguments or the environment for naming none.
    func lineages(of inventory: Inventory, tell: (SpokenLine) -> Void) throws -> [Lineage] {
        switch command {
        case .hook:
            let renewed = try hint.map { [try Lineage(hint: $0, below: inventory.settings.letsencrypt)] }
            return DeploymentLines.leavingAlone(renewed ?? inventory.lineages, of: inventory, tell: tell)
        case .deploy:
            let named = try inventory.lineages(named: lineages)
            if named.isEmpty { tell(.output(inventory.nothingToDo)) }
            return lineages.isEmpty ? DeploymentLines.leavingAlone(named, of: inventory, tell: tell) : named
        }
    }
}

extension DeploymentOrder {
    /// Has the daemon carry it out where one is running, else does so here; prints what is to be said.
    ///
    /// No lineage is begun here after `start`, and the daemon's answer is waited for no longer than `wait`; nil is as long
    /// as it takes, or until the daemon ends.
    /// - Throws: `ExitCode` where what went wrong has been told.
    func run(_ settings: Settings, startingWithin start: Duration? = nil, waiting wait: Duration? = nil) async throws {
        let deadline = start.map { ContinuousClock.now + $0 }
        if let answer = try await DaemonClient(settings).handOver(self, within: wait) { return try answer.print() }
        let inventory = try await Inventory(settings: settings, world: .live)
        let chosen = try lineages(of: inventory) { $0.print() }
        let run = DeploymentRun(inventory: inventory, isForced: isForced, isDryRun: isDryRun)
        let isDone = try await run.run(chosen, until: deadline) { result in
            for line in DeploymentLines.lines(of: result) { line.print() }
        }
        try DeploymentAnswer(lines: [], exitCode: isDone ? 0 : 1).print()
    }
}
