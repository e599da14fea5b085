import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage

/// What `certd init` has found on this host, what it would change, and what it leaves to the operator.
struct InitPlan: Sendable {
    /// What was found, a line each.
    private(set) var facts: [String] = []
    private(set) var steps: [InitStep] = []
    /// What only an operator can do: what it is about, then what to do.
    private(set) var byHand: [(what: String, remedy: String)] = []

    /// Looks around; changes nothing.
    ///
    /// - Throws: an error that says what could not be read, ``InitError/notUnderstood(_:)`` for a bug of ours.
    init(for file: FilePath, _ inventory: Inventory, _ questions: HostQuestions) async throws {
        let certbot = await questions.certbotVersion()
        let (old, unread) = try inventory.oldHooks()
        let placements = BundlePlacements(in: inventory, writtenBy: old)
        facts = await InitPlan.facts(inventory, placements, certbot)

        let text = try readFileUnlessMissing(at: file)?.text
        let addition = ConfigurationAddition(to: text, for: placements, in: inventory)
        let settings = try InitPlan.settings(addition, at: file) ?? inventory.settings
        if !addition.isNothing { steps.append(.configure(file, addition)) }
        for (lineage, error) in placements.unclear {
            byHand.append(("\(lineage): \(error.description.about(lineage.name))", error.remedy))
        }
        try addHooks(inventory.settings.letsencrypt)
        addOld(old, certbot)
        byHand += unread.map(\.unread)
        for placement in placements.found {
            if let exposed = try? placement.place.exposedKey() { steps.append(.close(exposed)) }
        }
        addSocket(inventory)
        try await addDaemon(settings, questions)
    }

    /// The configuration as it will be; nil where it stays.
    private static func settings(_ addition: ConfigurationAddition, at file: FilePath) throws -> Settings? {
        guard !addition.isNothing else { return nil }
        do throws(ConfigurationError) {
            return try Settings.load(
                file: file.string, environment: ProcessInfo.processInfo.environment
            ) { _ throws(FileError) in Array(addition.text.utf8) }
        } catch {
            throw InitError.notUnderstood(error.description)
        }
    }

    private mutating func addHooks(_ letsencrypt: FilePath) throws {
        for hook in PackageHook.allCases {
            let path = hook.path(in: letsencrypt)
            switch try hook.standing(in: letsencrypt) {
            case .missing: steps.append(.install(hook, path))
            case .notExecutable: steps.append(.enable(path))
            case .installed: break
            case .other:
                guard try !readFile(at: path).text.contains("certd") else { break }
                byHand.append(("\(path) does not run certd", "mv \(path) \(path)~ && certd init"))
            }
        }
    }

    /// A hook that certbot's own files name stays until they do not: certbot would look for it in vain.
    private mutating func addOld(_ hooks: [OldHook], _ certbot: CertbotVersion?) {
        let named = hooks.compactMap(\.hook.command)
        for hook in hooks {
            if hook.isPutAside, let free = hook.hook.path.putAside,
                !named.contains(where: { $0.contains(hook.hook.path.string) })
            {
                steps.append(.putAside(hook, hook.hook.path, as: free))
            } else if hook.isPutAside {
                byHand.append(
                    ("\(hook.hook.words) \(hook.description)", "certd init again, when no other file names it"))
            } else {
                byHand.append(("\(hook.hook.words) \(hook.description)", hook.byHand(certbot)))
            }
        }
    }

    private mutating func addSocket(_ inventory: Inventory) {
        guard inventory.settings.haproxy.sockets == nil, inventory.configuration != nil else { return }
        if let missing = inventory.missingSocket { byHand.append(missing) }
    }

    /// A daemon that runs goes by what it read before.
    private mutating func addDaemon(_ settings: Settings, _ questions: HostQuestions) async throws {
        let answer = try? await DaemonAgreement(settings).ask()
        guard answer == .other else { return }
        if await questions.isActive("certd.service") == true {
            steps.append(.tellDaemon(settings))
        } else {
            byHand.append(("the daemon goes by the configuration that it began with", "pkill -HUP -x certd"))
        }
    }
}

extension FilePath {
    /// A name that certbot skips and that is free; nil where there is none.
    fileprivate var putAside: FilePath? {
        ["~", ".1~", ".2~", ".3~", ".4~"].map { FilePath(string + $0) }
            .first { (try? $0.stat(followTargetSymlink: false)) == nil }
    }
}

extension InitPlan {
    private static func facts(
        _ inventory: Inventory, _ placements: BundlePlacements, _ certbot: CertbotVersion?
    ) async -> [String] {
        let settings = inventory.settings
        let count = inventory.lineages.count
        var facts = [
            "certbot \(certbot.map(\.description) ?? "(not here)"), \(settings.letsencrypt): "
                + "\(count) \(count == 1 ? "lineage" : "lineages")"
        ]
        var versions: [String] = []
        for socket in inventory.sockets {
            let process = try? await inventory.world.runtime(socket.string).processInfo()
            versions.append("\(process.map { "HAProxy \($0.version)" } ?? "HAProxy (does not answer)") on \(socket)")
        }
        facts += versions.isEmpty ? ["HAProxy: no admin socket"] : versions
        for placement in placements.found {
            let addresses =
                inventory.configuration?.listeners(loading: placement.place.name).flatMap(\.probeAddresses) ?? []
            let at =
                addresses.isEmpty
                ? "" : ", served at \(Set(addresses.map(\.description)).sorted().joined(separator: ", "))"
            facts.append("\(placement.lineage): \(placement.place.path)\(at)")
        }
        if !placements.others.isEmpty {
            facts.append("left alone, no bundle of theirs: \(placements.others.map(\.name).joined(separator: ", "))")
        }
        return facts
    }
}
