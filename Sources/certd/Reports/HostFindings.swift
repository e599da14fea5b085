import CertKit
import CLinux
import FoundationEssentials
import HAProxyKit

/// What concerns no single lineage: the clock, and HAProxy's one transaction.
extension Checker {
    /// Whether the clock can be right: it cannot stand before the day on which this program was built.
    static func clockFindings(on now: Date, builtAt: Date?) -> [Finding] {
        guard let builtAt, now < builtAt else { return [] }
        return [
            Finding(
                .clockSuspect, "the clock says \(now.utc), and this certd was built at \(builtAt.utc)",
                remedy: "look with timedatectl; set it: timedatectl set-ntp true")
        ]
    }

    /// A transaction on one of `sockets` that no deployment of ours explains; a socket that does not answer says so
    /// elsewhere.
    func transactionFindings(on sockets: [String]) async -> [Finding] {
        var found: [Finding] = []
        for socket in sockets {
            guard let name = try? await inventory.world.runtime(socket).openTransaction() else { continue }
            let isOurs = inventory.state.intents().contains {
                $0.socket == socket && $0.name == name && $0.bootID == inventory.world.bootID()
            }
            guard !isOurs else { continue }
            found.append(
                Finding(
                    .transactionOpen,
                    "somebody else's transaction for \(name) is open, nobody knows since when; HAProxy takes no other one",
                    remedy: "look again; if it stays: echo 'abort ssl cert \(name)' | socat stdio \(socket)",
                    location: socket))
        }
        return found
    }
}

extension Version {
    /// When this program was built, as the build says; nil for a build that does not.
    static var builtAt: Date? {
        let seconds = certd_build_time()
        return seconds > 0 ? Date(timeIntervalSince1970: Double(seconds)) : nil
    }
}
