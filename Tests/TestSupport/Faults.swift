internal import Glibc
public import SystemPackage

/// Breaks programs at one of the calls by which they change something: `Tests/Faults/faults.c` tells which these are.
public struct Faults: Sendable {
    /// What happens at the call.
    public enum Kind: Sendable {
        /// The program is killed before the call is made.
        case kill
        /// The call fails.
        case error(Errno)
        /// The call and all after it fail, as on a disk that stays full.
        case lastingError(Errno)
    }

    /// Which calls are counted.
    public enum Scope: Sendable {
        /// Those on files alone.
        case files
        /// Those on sockets too.
        case filesAndSockets
    }

    /// The compiled library.
    public let library: FilePath
    private let log: FilePath

    /// Compiles the library into `directory`.
    public init(in directory: ScratchDirectory) async throws {
        library = directory.file("faults.so")
        log = directory.file("faults.log")
        let source = packageDirectory.appending("Tests/Faults/faults.c")
        try await requireTool("cc", ["-shared", "-fPIC", "-Wall", "-Wextra", "-o", library.string, source.string])
    }

    /// What in the environment of a program makes inotify give it no more than `count` watches.
    public func watches(atMost count: Int) -> [String: String] {
        ["LD_PRELOAD": library.string, "FAULTS_WATCHES": "\(count)"]
    }

    /// What in the environment of a program makes its wall clock ahead by the seconds that `file` says at each moment.
    public func clock(aheadBy file: FilePath) -> [String: String] {
        ["LD_PRELOAD": library.string, "FAULTS_CLOCK": file.string]
    }

    /// What in the environment of `program` makes the call number `call` break, counted from 1 over all its threads; with
    /// `below`, of the calls on paths that have this text in them. ``calls()`` begins anew.
    public func breaking(
        _ call: Int, of program: String, by kind: Kind, counting scope: Scope, below: String? = nil
    ) -> [String: String] {
        try? remove(log)
        var variables = [
            "LD_PRELOAD": library.string, "FAULTS_PROGRAM": program, "FAULTS_LOG": log.string, "FAULTS_AT": "\(call)",
        ]
        switch kind {
        case .kill: break
        case .error(let error): variables["FAULTS_ERRNO"] = "\(error.rawValue)"
        case .lastingError(let error):
            variables["FAULTS_ERRNO"] = "\(error.rawValue)"
            variables["FAULTS_LASTING"] = "1"
        }
        if case .files = scope { variables["FAULTS_FILES"] = "1" }
        if let below { variables["FAULTS_BELOW"] = below }
        return variables
    }

    /// The calls that were counted: number, name, and what each was made on.
    public func calls() throws -> [String] { try text(of: log).split(separator: "\n").map(String.init) }

    /// Runs `command`, in which the call number `call` of `program` breaks, counted from 1 over all its threads.
    public func run(
        _ command: [String], program: String, breaking call: Int, by kind: Kind, counting scope: Scope
    ) async throws -> FaultyRun {
        let variables = breaking(call, of: program, by: kind, counting: scope)
        let run = try await runTool("env", variables.map { "\($0)=\($1)" } + command)
        let calls = try calls()
        return FaultyRun(run: run, calls: calls, broken: calls.count < call ? nil : calls[call - 1])
    }
}

extension Faults {
    /// Has the kernel refuse every further `fsync` or `flock` of this process, which is to be a test's own.
    ///
    /// `library` is the path of ``library``, which the parent has compiled.
    public static func refuse(_ call: String, with error: Errno, by library: String) throws {
        guard let handle = unsafe dlopen(library, RTLD_NOW), let symbol = unsafe dlsym(handle, "refuse") else {
            throw ToolFailure(description: "\(library): cannot be opened")
        }
        typealias Refuse = @convention(c) (UnsafePointer<CChar>, CInt) -> CInt
        // It is this function in faults.c.
        let refuse = unsafe unsafeBitCast(symbol, to: Refuse.self)
        guard unsafe refuse(call, error.rawValue) == 0 else {
            throw ToolFailure(description: "seccomp: \(Errno(rawValue: errno))")
        }
    }
}

/// How a program ended that was to break.
public struct FaultyRun: Sendable {
    /// Its end and its words.
    public let run: ToolRun
    /// All calls that were counted: number, name, and what each was made on.
    public let calls: [String]
    /// The call that broke; nil when the program made fewer calls and so went through untouched.
    public let broken: String?
}
