internal import SystemPackage
internal import TestSupport
internal import Testing

/// A deployment that is killed, or that the system refuses something, at each of the calls by which it changes anything:
/// nothing is torn, and the next run finishes.
@Suite struct CrashTests {
    private let name = "pbx.example.org"

    /// What is broken.
    enum Way: CaseIterable {
        /// `certd deploy` where an older certificate of the lineage is served.
        case update
        /// certbot's hook, certd's first run ever, where HAProxy serves the throw-away certificate it was started with.
        case firstHook
    }

    private func sweep(_ way: Way) async throws -> Sweep {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        switch way {
        case .update:
            try await stage.deploys(name)
            try await stage.make(name, ["--generation", "2"])
            return try await Sweep(of: name, on: stage, command: stage.deployment(of: name))
        case .firstHook:
            return try await Sweep(of: name, on: stage, command: stage.hook(for: name), forgets: true)
        }
    }

    @Test(.timeLimit(.minutes(15)), arguments: Way.allCases)
    func `killed at any call, the next run finishes`(way: Way) async throws {
        let sweep = try await sweep(way)
        let step = way == .update ? 1 : 4
        let kills = try await sweep.run(.kill, counting: .filesAndSockets, step: step) { run, comment in
            #expect(!run.run.succeeded, comment)
            _ = try await sweep.expectNothingTorn(comment)
        }
        #expect(kills > 40, "too few calls were counted to prove anything")
    }

    @Test(
        .timeLimit(.minutes(15)),
        arguments: [
            (.update, .error(.ioError)), (.update, .error(.permissionDenied)), (.update, .lastingError(.noSpace)),
            (.firstHook, .error(.noSpace)),
        ] as [(Way, Faults.Kind)])
    func `refused any call on files, certd says so and leaves memory and disk equal`(
        way: Way, kind: Faults.Kind
    ) async throws {
        let sweep = try await sweep(way)
        let refusals = try await sweep.run(kind, counting: .files, step: 4) { run, comment in
            if !run.run.succeeded {
                #expect(run.run.errors.contains("certd: error: "), comment)
                #expect(run.run.errors.contains("certd: hint: "), comment)
            }
            let seen = try await sweep.expectNothingTorn(comment)
            #expect(seen.memory == seen.bundle, comment)
            #expect(seen.wire.allSatisfy { $0 == seen.bundle }, comment)
        }
        #expect(refusals > 10, "too few calls were counted to prove anything")
    }
}
