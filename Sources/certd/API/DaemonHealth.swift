import CertKit
import FoundationEssentials

/// Whether the daemon does what it is there for.
struct DaemonHealth: Sendable {
    /// A look comes each minute, after what is being deployed then; one so old, in seconds, says that something hangs.
    static let freshness: TimeInterval = 300

    let now: @Sendable () -> Date
    let lastLook: @Sendable () -> LastLook

    /// What keeps it from being ready; nil where nothing does.
    var obstacle: String? {
        let look = lastLook()
        if let blindness = look.blindness { return "\(blindness.message)\n\(blindness.remedy)" }
        guard let at = look.at else { return "certd has not looked yet" }
        // The clock may have been set back meanwhile.
        guard abs(now().timeIntervalSince(at)) < DaemonHealth.freshness else {
            return "certd has not looked since \(at.utc)\nsee what it does: journalctl -u certd"
        }
        return nil
    }
}
