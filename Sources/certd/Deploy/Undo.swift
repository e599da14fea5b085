import CertKit
import HAProxyKit

extension LiveStep {
    /// Makes memory and disk equal again after a failure: by the certificate served before where its PEM is known and
    /// it is valid, else by going on to the new one.
    func undo(_ moved: Moved, staged: consuming StagedFile?) async -> DeploymentError.Aftermath {
        if moved.memory.isEmpty, !moved.disk { return .untouched }
        do {
            if let served, let pem = served.pem, served.isRestorable(at: inventory.world.now()) {
                try await restore(pem, moved)
                return .restored
            }
            // Where the name was new there was nothing before, so taking it away again is the way back.
            if !moved.disk, moved.memory.allSatisfy(\.isNew) {
                try await restore(nil, moved)
                return .restored
            }
            if let file = staged.take() { _ = try self.file.install(file) }
            return .newKept
        } catch {
            return .uneven("\(error)")
        }
    }

    private func restore(_ pem: SecretBytes?, _ moved: Moved) async throws {
        for change in moved.memory.reversed() {
            let api = inventory.world.runtime(change.station.socket)
            if change.isNew {
                guard let list = observer.list(loading: change.station.name) else { continue }
                try await api.deleteCertificate(named: change.station.name, in: list)
            } else if let pem {
                try await api.replaceCertificate(named: change.station.name, with: pem)
            }
        }
        guard moved.disk, let pem else { return }
        try file.stage(pem).install()
    }
}
