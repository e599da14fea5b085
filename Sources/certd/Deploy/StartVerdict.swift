import FoundationEssentials
import Subprocess
import SystemPackage

/// Whether HAProxy's next start would work, as `haproxy -c` says.
enum StartVerdict: Sendable, Equatable {
    /// It would start.
    case good
    /// It would not, for the reason given.
    case bad(String)
    /// It could not be asked.
    case unknown(String)

    /// Runs `haproxy -c -f CONFIGURATION`.
    static func ofHAProxy(configuration: FilePath) async -> StartVerdict {
        // certbot may run its hooks without /usr/sbin in PATH.
        let environment = Environment.inherit.updating([
            "PATH": "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
        ])
        do {
            let result = try await run(
                .name("haproxy"), arguments: ["-c", "-f", configuration.string], environment: environment,
                output: .discarded, error: .string(limit: 64 * 1024))
            if case .exited(0) = result.terminationStatus { return .good }
            let alerts = result.standardError.split(separator: "\n").filter { $0.contains("[ALERT]") }
            return .bad(alerts.isEmpty ? "\(result.terminationStatus)" : alerts.prefix(3).joined(separator: "; "))
        } catch {
            return .unknown("\(error)")
        }
    }
}
