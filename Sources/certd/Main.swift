import ArgumentParser
import CLinux
import CertKit
import Glibc
import SystemPackage

/// Where the process begins: what protects it comes first, then the command, then an exit code that a supervisor and a
/// monitoring system understand.
@main
enum Main {
    static func main() async {
        protectProcess()
        guard let words = commandLine else {
            // Without them `certd check` in a bare chroot would show help and exit 0.
            ErrorReport.tell(
                "the arguments cannot be read: /proc is not mounted here", hint: "mount -t proc proc /proc, then again")
            exit(3)
        }
        let arguments = Array(words.dropFirst())
        let status = await run(arguments)
        guard let failure = StandardOutput.failure else { exit(status) }
        ErrorReport.tell(
            "standard output cannot be written: \("\(failure)".lowercased())",
            hint: "run it again with its output to a place that takes it")
        exit(isCheck(arguments) ? 3 : max(status, 1))
    }

    /// The program and its arguments; nil where /proc is not mounted.
    ///
    /// Swift looks for them where the stack begins, by way of /proc and of the environment, which lies beside them unless a
    /// library that was loaded first has changed it (libfaketime does). The kernel tells them too.
    private static var commandLine: [String]? {
        if !CommandLine.arguments.isEmpty { return CommandLine.arguments }
        guard let told = readKernelFile(at: "/proc/self/cmdline"), !told.isEmpty else { return nil }
        return told.split(separator: "\0", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    /// Parses and runs, and tells what went wrong.
    private static func run(_ arguments: [String]) async -> Int32 {
        guard !arguments.isEmpty else {
            StandardOutput.write(Certd.overview)
            return 0
        }
        do {
            if let unknown = UnknownCommand(in: arguments) { throw unknown }
            var command = try Certd.parseAsRoot(arguments)
            // By their own types, so that each runs on this thread: the protocol's `run` would be handed to a pool, and a
            // cold check would spend a tenth of its time on threads.
            switch command {
            case let check as Check: try await check.run()
            case let deploy as Deploy: try await deploy.run()
            case let hook as Hook: try await hook.run()
            case let build as Build: try await build.run()
            case let run as Run: try await run.run()
            case let status as Status: try await status.run()
            case let history as History: try history.run()
            case let rollback as Rollback: try await rollback.run()
            case let forget as Forget: try await forget.run()
            case let notify as Notify: try await notify.run()
            case let inspect as Inspect: try await inspect.run()
            case let initialization as Init: try await initialization.run()
            case let doctor as Doctor: try await doctor.run()
            case let explain as Explain: try explain.run()
            default: try command.run()
            }
            return 0
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            let command = arguments.first.flatMap { Certd.commandNames.contains($0) ? $0 : nil }
            guard let report = ErrorReport(error, command: command) else {
                StandardOutput.print(Certd.fullMessage(for: error))
                return 0
            }
            if isCheck(arguments), ReportOptions.wantNagios(arguments) {
                StandardOutput.write(report.pluginText)
            } else {
                report.tell()
            }
            return report.exitCode(ofCheck: isCheck(arguments)).rawValue
        }
    }

    private static func isCheck(_ arguments: [String]) -> Bool { arguments.first == Check._commandName }

    /// No core dump, no debugger of the same user: private keys pass through this memory. And a peer that closes its end
    /// is an error of that write, not the end of the process. Threads that are still at work when it exits are none either.
    private static func protectProcess() {
        StandardOutput.occupyClosedDescriptors()
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        _ = certd_forbid_dumps()
        _ = cleanseFreedLibcryptoMemory()
        _ = keepLibcryptoToTheEnd()
        _ = signal(SIGPIPE, SIG_IGN)
    }
}
