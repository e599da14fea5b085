import CertKit
import FoundationEssentials
import SystemPackage

/// Goes back to an older generation of certbot's archive, by pinning it: whatever deploys the lineage from then on deploys
/// that one, and has nothing to do where it is served.
struct Pinning: Sendable {
    let inventory: Inventory
    let lineage: Lineage

    /// What was on record before a rollback.
    struct Before: Sendable {
        let pin: StateDirectory.Pin?
        let hasFailed: Bool
    }

    /// Pins generation `number`, or the newest that is older than what is deployed now.
    ///
    /// - Returns: What was before, for ``restore(_:)``.
    /// - Throws: why that generation could not be deployed, before anything is changed; whatever keeps the pin from being
    ///   written.
    func pin(at number: Int?, force isForced: Bool) async throws -> Before {
        guard lineage.isCertbots else { throw RollbackError.noArchive(lineage: lineage.name) }
        guard try inventory.target(of: lineage) != nil else {
            throw DeploymentError.noBundle(lineage: lineage.name)
        }
        let now = inventory.world.now()
        return try await locked {
            // One that cannot be understood is replaced.
            let pinned = try? inventory.state.pin(of: lineage)
            let generation = try generation(number, pinnedAt: pinned?.generation)
            if !isForced, generation.leaf.notAfter < now {
                throw RollbackError.expired(
                    lineage: lineage.name, number: generation.number ?? 0, generation.leaf.notAfter)
            }
            let pin = StateDirectory.Pin(
                lineage: lineage.name, generation: generation.number ?? 0, at: now, isForced: isForced)
            try inventory.state.record(pin, of: lineage)
            return Before(pin: pinned, hasFailed: inventory.state.failure(of: lineage) != nil)
        }
    }

    /// Has everything on record as it was before a rollback that failed.
    ///
    /// Whoever typed the command was told, and what it may have left behind at the stations is seen by looking.
    func restore(_ before: Before) async throws {
        try await locked {
            if let pin = before.pin {
                try inventory.state.record(pin, of: lineage)
            } else {
                try inventory.state.removePin(of: lineage)
            }
            if !before.hasFailed { try inventory.state.forgetFailure(of: lineage) }
        }
    }

    /// Has the lineage follow certbot again.
    func unpin() async throws { try await locked { try inventory.state.removePin(of: lineage) } }

    private func generation(_ number: Int?, pinnedAt pinned: Int?) throws -> Generation {
        let newest = inventory.newest(of: lineage)
        guard let archive = inventory.archive(of: lineage, at: newest) else {
            throw RollbackError.noArchive(lineage: lineage.name)
        }
        let numbers = try archive.numbers()
        let place = archive.directory.lexicallyNormalized()
        let current = pinned ?? (try? newest.get())?.number ?? .max
        guard let chosen = number ?? numbers.last(where: { $0 < current }) else {
            throw RollbackError.nothingOlder(lineage: lineage.name, archive: place)
        }
        guard numbers.contains(chosen) else {
            throw RollbackError.absent(lineage: lineage.name, number: chosen, numbers, archive: place)
        }
        do {
            return try archive.generation(chosen)
        } catch {
            throw RollbackError.unusable(lineage: lineage.name, number: chosen, error, archive: place)
        }
    }

    private func locked<Value>(_ body: () throws -> Value) async throws -> Value {
        let lock = try await inventory.state.lock(within: DeploymentRun.lockLimit)
        let result = Result { try body() }
        lock.release()
        return try result.get()
    }
}

/// Why an older generation is not gone back to.
enum RollbackError: Diagnosis {
    /// The lineage is not certbot's.
    case noArchive(lineage: String)
    case nothingOlder(lineage: String, archive: FilePath)
    case absent(lineage: String, number: Int, [Int], archive: FilePath)
    case unusable(lineage: String, number: Int, LineageError, archive: FilePath)
    case expired(lineage: String, number: Int, Date)

    var description: String {
        switch self {
        case .noArchive(let lineage): "\(lineage): there are no older generations, because certbot does not keep it"
        case .nothingOlder(let lineage, let archive): "\(lineage): \(archive) holds nothing older"
        case .absent(let lineage, let number, let numbers, let archive):
            "\(lineage): \(archive) holds no complete generation \(number)"
                + (numbers.isEmpty ? "" : ", but \(numbers.map(String.init).joined(separator: ", "))")
        case .unusable(let lineage, let number, let error, _):
            "\(lineage): generation \(number) cannot be deployed: \(error.description.about(lineage))"
        case .expired(let lineage, let number, let end):
            "\(lineage): generation \(number) has expired: it was valid until \(end.utc)"
        }
    }
    var remedy: String {
        switch self {
        case .noArchive(let lineage): "put the older files in place by hand, then certd deploy \(lineage)"
        case .nothingOlder(_, let archive): "see which there are: ls \(archive)"
        case .absent(let lineage, _, _, let archive), .unusable(let lineage, _, _, let archive):
            "see which there are: ls \(archive); then certd rollback --to N \(lineage)"
        case .expired(let lineage, let number, _):
            "choose another with --to, or all the same: certd rollback --force --to \(number) \(lineage)"
        }
    }
    var findingID: FindingID {
        switch self {
        case .noArchive, .nothingOlder, .absent: .fileMissing
        case .unusable(_, _, let error, _): error.findingID
        case .expired: .expired
        }
    }
}
