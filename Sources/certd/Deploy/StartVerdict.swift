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

    var isBad: Bool { if case .bad = self { true } else { false } }

    /// How long it may take: with 10,000 certificates up to 13 seconds on a quiet host.
    static let limit = Duration.seconds(30)

    /// Runs `haproxy -c -f CONFIGURATION`, and ends it when `limit` is over.
    static func ofHAProxy(configuration: FilePath, within limit: Duration = limit) async -> StartVerdict {
        let verdict = await HostProgram.finishing(within: limit) { () -> StartVerdict in
            do {
                let result = try await run(
                    .name("haproxy"), arguments: ["-c", "-f", configuration.string],
                    environment: HostProgram.environment, output: .discarded, error: .string(limit: 64 * 1024))
                if case .exited(0) = result.terminationStatus { return .good }
                let alerts = result.standardError.split(separator: "\n").filter { $0.contains("[ALERT]") }
                return .bad(alerts.isEmpty ? "\(result.terminationStatus)" : alerts.prefix(3).joined(separator: "; "))
            } catch {
                return .unknown("\(error)")
            }
        }
        return verdict ?? .unknown("haproxy -c has not ended within \(limit)")
    }
}
