import CertKit
import HAProxyKit
import SystemPackage

/// Why HAProxy was not reloaded, or why a reload came to nothing.
enum ReloadError: Diagnosis {
    /// Only a reload could help, and the configuration says that there shall be none.
    case unwanted(cause: any Diagnosis)
    /// HAProxy's configuration is refused with the old bundles too.
    case failsAlready(configuration: FilePath, alerts: String)
    /// HAProxy did not take what is on disk; the worker from before serves on.
    case refused(configuration: FilePath, alerts: [String])
    /// The master does not let certd in, or does not answer.
    case master(RuntimeError)
    /// The configured command did not do it.
    case command([String], how: String)
    /// The request for the path unit cannot be written.
    case requestNotWritten(FilePath, Errno)
    /// Nobody has taken the request.
    case requestNotTaken(FilePath, after: Duration)
    /// No new process answers.
    case noNewProcess(sockets: [String], after: Duration)

    var description: String {
        switch self {
        case .unwanted(let cause): "\(cause); only a reload could help, and [haproxy] reload = \"never\""
        case .failsAlready(let configuration, let alerts):
            "HAProxy is not reloaded, because it refuses its configuration without the new bundle too (\(configuration)): "
                + alerts
        case .refused(_, let alerts):
            "HAProxy refused the reload" + (alerts.isEmpty ? "" : ": \(alerts.prefix(3).joined(separator: "; "))")
        case .master(let error): "HAProxy's master: \(error)"
        case .command(let words, let how): "\(words.joined(separator: " ")): \(how)"
        case .requestNotWritten(let path, let reason): "\(path): the request for a reload cannot be written: \(reason)"
        case .requestNotTaken(let path, let limit): "\(path): nobody took the request for a reload within \(limit)"
        case .noNewProcess(let sockets, let limit):
            "HAProxy was told to reload, but no new process answered within \(limit) (\(sockets.joined(separator: ", ")))"
        }
    }

    var remedy: String {
        switch self {
        case .unwanted(let cause):
            "write reload = \"if-needed\" into section [haproxy] of certd.toml\nor \(cause.remedy)"
        case .failsAlready(let configuration, _): "haproxy -c -f \(configuration)"
        case .refused(let configuration, _):
            "see journalctl -u haproxy for the reason, and haproxy -c -f \(configuration) for what it says now"
        case .master(.forbidden(let socket)):
            "let certd's group in: -S \(socket),mode,660,group,haproxy among HAProxy's options (systemctl edit haproxy)"
        case .master(let error):
            "compare systemctl cat haproxy with [haproxy] master-socket: HAProxy has to run with -W -S \(error.location ?? "PATH")"
        case .command(let words, _): "run it by hand: \(words.joined(separator: " "))"
        case .requestNotWritten(let path, _):
            "make its directory writable for certd: ls -ld \(path.removingLastComponent())"
        case .requestNotTaken:
            "systemctl enable --now certd-reload.path\nor let certd in at the master socket: "
                + "-S \(ReloadSettings.usualMasterSocket),mode,660,group,haproxy among HAProxy's options\n"
                + "or name a command in [haproxy] reload-command"
        case .noNewProcess: "see systemctl status haproxy and journalctl -u haproxy; then certd deploy again"
        }
    }

    /// Whether HAProxy may be reloading still: with many certificates that takes its time.
    var isOpen: Bool { if case .master(.silent) = self { true } else { false } }

    var findingID: FindingID {
        switch self {
        case .unwanted(let cause): cause.findingID
        default: .deployFailed
        }
    }

    var location: String? {
        switch self {
        case .unwanted(let cause): cause.location
        case .failsAlready(let configuration, _), .refused(let configuration, _): configuration.string
        default: nil
        }
    }
}
