public import CertKit

extension RuntimeAPI {
    /// Gives HAProxy a certificate that it did not load at its start, and lists it in `crtList`.
    ///
    /// `crtList` is named as in haproxy.cfg; for `crt DIR` it is the directory, without a slash at its end. After an
    /// error HAProxy no longer knows the name, as before, unless it did not take the order to forget it either. What an
    /// interrupted run left behind, loaded and not in use, is gone on with. Gives the companions that HAProxy did not take.
    ///
    /// - Throws: ``RuntimeError/alreadyExists(_:socket:)`` when HAProxy already serves `name`.
    @discardableResult
    public func createCertificate(
        named name: String, in crtList: String, with pem: SecretBytes, companions: [CompanionPayload] = [],
        asPrepared: PreparedChange? = nil
    ) async throws(RuntimeError) -> [RefusedCompanion] {
        let add = try command("add ssl crt-list", crtList, name)
        let limit = try await messageLimit(name, pem, asPrepared)
        let isOurs = try await create(name)
        do throws(RuntimeError) {
            let refused = try await transact(name, pem, companions, limit: limit)
            let answer = try await ask(add)
            guard answer.lines.last == "Success!" else {
                throw .notListed(
                    name: name, crtList: crtList, answer: answer.excerpt(answering: add), socket: path)
            }
            return refused
        } catch {
            if isOurs { _ = try? await ask(command("del ssl cert", name)) }
            throw error
        }
    }

    /// Takes back what ``createCertificate(named:in:with:companions:asPrepared:)`` did: HAProxy no longer lists and no longer knows the name.
    public func deleteCertificate(named name: String, in crtList: String) async throws(RuntimeError) {
        let remove = try command("del ssl crt-list", crtList, name)
        let removed = try await ask(remove)
        // A name that is not listed any more may still be known.
        guard removed.contains("deleted in crtlist") || removed.contains("Can't delete") else {
            throw await notUnderstood(removed, remove)
        }
        let delete = try command("del ssl cert", name)
        let deleted = try await ask(delete)
        guard deleted.lines.last == "Certificate '\(name)' deleted!" else { throw await notUnderstood(deleted, delete) }
    }

    /// Makes an empty certificate; false where an unused one stands there already.
    private func create(_ name: String) async throws(RuntimeError) -> Bool {
        let new = try command("new ssl cert", name)
        let answer = try await ask(new)
        if answer.lines.last == "New empty certificate store '\(name)'!" { return true }
        guard answer.contains("already exists!") else { throw await notUnderstood(answer, new) }
        guard let present = try await certificate(named: name), present.status != .used else {
            throw .alreadyExists(name, socket: path)
        }
        return false
    }
}
