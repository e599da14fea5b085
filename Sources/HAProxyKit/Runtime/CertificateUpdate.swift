public import CertKit

/// What HAProxy told before its certificates are changed.
public struct PreparedChange: Sendable {
    /// The process that answered.
    public let process: HAProxyProcess
    /// The name that a transaction is open for: it has to be ended first.
    public let openTransaction: String?
    /// How many bytes a message may have.
    let limit: Int
}

extension RuntimeAPI {
    /// Replaces the certificate, chain and key that HAProxy has loaded as `name` by those in `pem`, with `companions`:
    /// HAProxy forgets those that it had. Gives the companions that HAProxy did not take, which is no error.
    ///
    /// Returns when HAProxy has said that it committed them. After an error the transaction is aborted and the old
    /// certificate is served, unless the answer to the commit was lost on its way: ``certificate(named:)`` tells then.
    ///
    /// What ``prepare(_:with:into:)`` found out a moment ago may be given, so that HAProxy is not asked again.
    ///
    /// - Throws: ``RuntimeError/foreignTransaction(name:wanted:socket:)`` when another client has a transaction open;
    ///   it is left alone unless our bytes got into it.
    @discardableResult
    public func replaceCertificate(
        named name: String, with pem: SecretBytes, companions: [CompanionPayload] = [],
        asPrepared: PreparedChange? = nil
    ) async throws(RuntimeError) -> [RefusedCompanion] {
        let limit = try await messageLimit(name, pem, asPrepared)
        return try await transact(name, pem, companions, limit: limit)
    }

    /// Finds out before a byte of the key is sent whether HAProxy could take it under `name`, and what stands in the way.
    ///
    /// A `process` that answered a moment ago is not asked again, unless the text is too long for some other version that may
    /// have taken its place.
    public func prepare(
        _ name: String, with pem: SecretBytes, into process: HAProxyProcess? = nil
    ) async throws(RuntimeError) -> PreparedChange {
        let companions = [".key", ".ocsp", ".issuer", ".sctl"]
        guard !companions.contains(where: { name.hasSuffix($0) }) else { throw .notUpdatable(name: name) }
        let size = try RuntimeMessage(command: command(Self.setVerb, name), payload: pem).bytes.count
        let fits = size <= HAProxyProcess.longestMessageOfAll(configured: bufferSize)
        let info = if let process, fits { process } else { try await processInfo() }
        guard info.version.canChangeCertificates else { throw .tooOld(socket: path, version: info.version) }
        let limit = info.longestMessage(configured: bufferSize)
        guard size <= limit else {
            throw .tooLarge(name: name, size: size, limit: limit, version: info.version)
        }
        return PreparedChange(process: info, openTransaction: try await ongoingTransaction(), limit: limit)
    }

    /// The name of the certificate that a transaction is open for, for whoever may change certificates.
    ///
    /// HAProxy is asked to abort one that nobody has opened, and names the one that there is instead: unlike the list that
    /// ``openTransaction()`` reads, that takes no longer for 10,000 certificates, and keeps nobody from changing one.
    public func ongoingTransaction() async throws(RuntimeError) -> String? {
        let answer = try await ask(Self.nobodysAbort)
        if answer.contains("No ongoing transaction!") { return nil }
        guard let name = answer.ongoingTransaction else { throw await notUnderstood(answer, Self.nobodysAbort) }
        return name
    }

    /// Aborts the transaction for `name`; that there is none is no error.
    public func abortTransaction(named name: String) async throws(RuntimeError) {
        let abort = try command("abort ssl cert", name)
        let answer = try await ask(abort)
        if answer.lines.last == "Transaction aborted for certificate '\(name)'!" { return }
        if answer.contains("No ongoing transaction!") { return }
        if let other = answer.ongoingTransaction {
            throw .foreignTransaction(name: other, wanted: name, socket: path)
        }
        throw await notUnderstood(answer, abort)
    }
}

extension RuntimeAPI {
    /// How long a message may be; what is not prepared yet is now, and a transaction that is open is somebody else's.
    func messageLimit(
        _ name: String, _ pem: SecretBytes, _ prepared: PreparedChange?
    ) async throws(RuntimeError) -> Int {
        if let prepared { return prepared.limit }
        let prepared = try await prepare(name, with: pem)
        if let open = prepared.openTransaction {
            throw .foreignTransaction(name: open, wanted: name, socket: path)
        }
        return prepared.limit
    }

    /// Opens the transaction.
    ///
    /// HAProxy 2.6.12 and 3.0.0 put the bytes into whatever transaction is open, and say only by its name that it was
    /// another's (fixed in HAProxy's commit 984d2cf). "Updated" with our own name means that another client got in
    /// between the look and this command.
    func set(_ name: String, _ pem: SecretBytes) async throws(RuntimeError) {
        let set = try command(Self.setVerb, name)
        for _ in 1...2 {
            let answer = try await ask(set, pem)
            let created = answer.name(between: "Transaction created for certificate ", and: "!")
            if let created, isSameName(created, name) { return }
            let updated = answer.name(between: "Transaction updated for certificate ", and: "!")
            guard let spoilt = created ?? updated else { throw await refusal(answer, name, set) }
            // Committed by its owner, this transaction would now put our certificate into its place.
            try? await abortTransaction(named: spoilt)
            guard isSameName(spoilt, name) else {
                throw .foreignTransaction(name: spoilt, wanted: name, socket: path)
            }
        }
        throw .foreignTransaction(name: name, wanted: name, socket: path)
    }

    /// Makes HAProxy serve what is in the transaction; only the last line of the answer proves it.
    func commit(_ name: String) async throws(RuntimeError) {
        let commit = try command("commit ssl cert", name)
        let answer = try await ask(commit)
        let about = answer.lines.first { $0.hasPrefix("Committing ") }?.dropFirst("Committing ".count)
        // A dot follows for each ten instances.
        if answer.lines.last == "Success!", let about, about.utf8.starts(with: name.utf8),
            about.utf8.dropFirst(name.utf8.count).allSatisfy({ $0 == UInt8(ascii: ".") })
        {
            return
        }
        if answer.contains("No ongoing transaction!") { throw .transactionLost(name: name, socket: path) }
        throw await refusal(answer, name, commit)
    }

    /// Runs the steps of a transaction and leaves none behind; the first error is the one that counts.
    func abortingOnFailure(
        _ name: String, _ steps: () async throws(RuntimeError) -> Void
    ) async throws(RuntimeError) {
        do throws(RuntimeError) {
            try await steps()
        } catch {
            try? await abortTransaction(named: name)
            throw error
        }
    }

    static let setVerb = "set ssl cert"
    /// No certificate lies there.
    private static let nobodysAbort = "abort ssl cert /certd/asks/which/transaction/is/open"

    private func refusal(_ answer: RuntimeAnswer, _ name: String, _ command: String) async -> RuntimeError {
        if let other = answer.ongoingTransaction {
            return .foreignTransaction(name: other, wanted: name, socket: path)
        }
        if answer.contains("not referenced by the configuration") { return .unknownName(name, socket: path) }
        if answer.isUnknownCommand { return await notUnderstood(answer, command) }
        return .rejected(name: name, answer: answer.excerpt(answering: command), socket: path)
    }
}
