internal import FoundationEssentials
internal import Glibc
internal import SystemPackage
internal import TestSupport
internal import Testing

extension Stage {
    /// Starts the daemon with the stage's configuration, after which it watches; `tool` is a command that runs it.
    func daemon(
        _ environment: [String: String] = [:], under tool: [String] = []
    ) async throws -> RunningProgram {
        let daemon = try await startDaemon(environment, under: tool)
        try await daemon.log.wait(for: "notice: watching")
        return daemon
    }

    /// Starts the daemon, which may never come so far as to watch.
    func startDaemon(_ environment: [String: String] = [:], under tool: [String] = []) async throws -> RunningProgram {
        let variables = environment.map { "\($0)=\($1)" }
        return try await RunningProgram.start(
            ["env"] + variables + tool + [certd.string, "run", "--config", scratch.file("certd.toml").string])
    }

    /// Makes a generation of a lineage and waits until the daemon has deployed it, which has to end with all stations
    /// equal.
    func renews(_ lineage: String, generation: Int, seenBy daemon: RunningProgram) async throws {
        let known = daemon.log.messages.count
        try await make(lineage, ["--generation", "\(generation)"])
        try await daemon.log.wait(for: "notice: deployed lineage=\(lineage)", after: known)
        let seen = try await stations(of: lineage)
        try #require(seen.agree, "\(seen); \(daemon.log.messages.dropFirst(known))")
    }

    /// Waits until the stations of a lineage are equal.
    ///
    /// Where the daemon has just told what it did this holds at once; elsewhere nothing tells when it will.
    func agrees(_ lineage: String, within limit: Duration = .seconds(120)) async throws {
        let start = ContinuousClock.now
        while try await !stations(of: lineage).agree {
            try #require(ContinuousClock.now - start < limit * Sanitizer.factor, "the stations of \(lineage) differ")
        }
    }

    /// When the last of certbot's links of a lineage was made, in seconds since 1970.
    func lastLink(of lineage: String) throws -> Double {
        let stat = try Stat(letsencrypt.appending("live/\(lineage)/fullchain.pem"), flags: .symlinkNoFollow)
        return Double(stat.st_ctim.tv_sec) + Double(stat.st_ctim.tv_nsec) / 1e9
    }
}
