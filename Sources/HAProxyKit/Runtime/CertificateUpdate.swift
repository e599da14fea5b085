public import CertKit

extension RuntimeAPI {
    /// Replaces the certificate, chain and key that HAProxy has loaded as `name` by those in `pem`, with `companions`:
    /// HAProxy forgets those that it had. Gives the companions that HAProxy did not take, which is no error.
    ///
    /// Returns when HAProxy has said that it committed them. After an error the transaction is aborted and the old
    /// certificate is served, unless the answer to the commit was lost on its way: ``certificate(named:)`` tells then.
    ///
    /// - Throws: ``RuntimeError/foreignTransaction(name:wanted:socket:)`` when another client has a transaction open;
    ///   it is left alone unless our bytes got into it.
    @discardableResult
    public func replaceCertificate(
        named name: String, with pem: SecretBytes, companions: [CompanionPayload] = []
    ) async throws(RuntimeError) -> [RefusedCompanion] {
        let limit = try await prepare(name, pem)
        return try await transact(name, pem, companions, limit: limit)
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
    /// Finds out before a byte of the key is sent whether HAProxy could take it; gives how long a message may be.
    func prepare(_ name: String, _ pem: SecretBytes) async throws(RuntimeError) -> Int {
        let companions = [".key", ".ocsp", ".issuer", ".sctl"]
        guard !companions.contains(where: { name.hasSuffix($0) }) else { throw .notUpdatable(name: name) }
        let size = try RuntimeMessage(command: command(Self.setVerb, name), payload: pem).bytes.count
        let info = try await processInfo()
        guard info.version.canChangeCertificates else { throw .tooOld(socket: path, version: info.version) }
        let limit = info.longestMessage(configured: bufferSize)
        guard size <= limit else {
            throw .tooLarge(name: name, size: size, limit: limit, version: info.version)
        }
        if let open = try await openTransaction() {
            throw .foreignTransaction(name: open, wanted: name, socket: path)
        }
        return limit
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

    private func refusal(_ answer: RuntimeAnswer, _ name: String, _ command: String) async -> RuntimeError {
        if let other = answer.ongoingTransaction {
            return .foreignTransaction(name: other, wanted: name, socket: path)
        }
        if answer.contains("not referenced by the configuration") { return .unknownName(name, socket: path) }
        if answer.isUnknownCommand { return await notUnderstood(answer, command) }
        return .rejected(name: name, answer: answer.excerpt(answering: command), socket: path)
    }
}
