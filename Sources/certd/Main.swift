import ArgumentParser
import CLinux
import Glibc

/// Where the process begins: what protects it comes first, then the command, then an exit code that a supervisor and a
/// monitoring system understand.
@main
enum Main {
    static func main() async {
        protectProcess()
        guard !CommandLine.arguments.isEmpty else {
            // Swift reads the arguments from there, and would show help and exit 0 for `certd check` in a bare chroot.
            ErrorReport.tell(
                "the arguments cannot be read: /proc is not mounted here", hint: "mount -t proc proc /proc, then again")
            exit(3)
        }
        exit(await run(Array(CommandLine.arguments.dropFirst())))
    }

    /// Parses and runs, and tells what went wrong.
    private static func run(_ arguments: [String]) async -> Int32 {
        do {
            var command = try Certd.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            guard let report = ErrorReport(error) else {
                print(Certd.fullMessage(for: error))
                return 0
            }
            report.tell()
            let isCheck = arguments.first { !$0.hasPrefix("-") } == Check._commandName
            return report.exitCode(ofCheck: isCheck).rawValue
        }
    }

    /// No core dump, no debugger of the same user: private keys pass through this memory. And a peer that closes its end
    /// is an error of that write, not the end of the process.
    private static func protectProcess() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        _ = certd_forbid_dumps()
        _ = signal(SIGPIPE, SIG_IGN)
    }
}
