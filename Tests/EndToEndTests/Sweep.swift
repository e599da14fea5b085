internal import FoundationEssentials
internal import SystemPackage
internal import TestSupport
internal import Testing

/// One deployment, made from the same start again and again, each time broken at the next of its calls.
///
/// One HAProxy serves for all of it: the start is brought back through its Runtime API.
struct Sweep {
    let stage: Stage
    let lineage: String
    /// What is broken: a command that runs certd.
    let command: [String]
    /// What certd remembers from one run to the next goes back to nothing too.
    let forgets: Bool
    /// The bundles at the start and at the end, and their leaves.
    let old: (text: String, leaf: SeenLeaf)
    let new: (text: String, leaf: SeenLeaf)
    let faults: Faults

    /// Takes what the stage serves now for the start, and what it serves once certd has deployed for the end.
    init(of lineage: String, on stage: Stage, command: [String], forgets: Bool = false) async throws {
        let path = stage.bundle(of: lineage)
        self.stage = stage
        self.lineage = lineage
        self.command = command
        self.forgets = forgets
        faults = try await Faults(in: stage.scratch)
        old = (try text(of: path), try await stage.bundleLeaf(of: lineage))
        try await stage.deploys(lineage)
        new = (try text(of: path), try await stage.bundleLeaf(of: lineage))
        try #require(old.leaf != new.leaf)
    }

    /// Whether the long tests run, which leave nothing out (`scripts/test --long`).
    static let isLong = ProcessInfo.processInfo.environment["TEST_LONG"] != nil

    /// Breaks call after call by `kind` until the deployment goes through untouched, looks after each with `look`, and
    /// gives the number of calls that there are.
    ///
    /// Of `step` calls one is broken, except in the long tests.
    func run(
        _ kind: Faults.Kind, counting scope: Faults.Scope, step: Int = 1,
        look: (_ broken: FaultyRun, _ comment: Comment) async throws -> Void
    ) async throws -> Int {
        let step = Sweep.isLong ? 1 : step
        var call = 1 - step
        while true {
            call += step
            try await goBack()
            let run = try await faults.run(command, program: "certd", breaking: call, by: kind, counting: scope)
            guard let broken = run.broken else {
                #expect(run.run.succeeded, "\(run.run.errors)")
                return call - 1
            }
            let comment = Comment(rawValue: "\(kind) at call \(broken): \(run.run.errors)")
            try await look(run, comment)
            try await expectNextRunFinishes(comment)
        }
    }

    /// Brings the start back, on disk and in HAProxy's memory.
    func goBack() async throws {
        let path = stage.bundle(of: lineage)
        try stage.scratch.write(old.text, to: "\(stage.bundles.lastComponent?.string ?? "")/\(lineage).pem")
        _ = try await stage.ask(haproxy: "set ssl cert \(path) <<\n\(old.text)")
        let committed = try await stage.ask(haproxy: "commit ssl cert \(path)")
        try #require(committed.contains("Success!"), "\(committed)")
        if forgets { try remove(stage.scratch.file("state")) }
    }

    /// One more run, without a fault, carries all through and leaves nothing behind.
    func expectNextRunFinishes(_ comment: Comment) async throws {
        let run = try await stage.certd(["deploy", lineage])
        #expect(run.succeeded, "\(comment.rawValue), then: \(run.errors)")
        #expect(try await remains() == nil, comment)
        try await expectCheckIsContent(comment)
    }

    /// A daemon at work puts all right within one look, and leaves nothing behind.
    func expectDaemonFinishes(_ comment: Comment) async throws {
        let start = ContinuousClock.now
        while let wrong = try await remains() {
            // A look is taken each minute; a busy machine has as long again.
            try #require(ContinuousClock.now - start < .seconds(120), "\(comment.rawValue): \(wrong)")
        }
    }

    /// What is not as it should be when all is deployed; nil where everything is.
    func remains() async throws -> String? {
        let bundles = try files(in: stage.bundles)
        guard bundles == ["\(lineage).pem"] else { return "files: \(bundles)" }
        let staged = try files(in: stage.scratch.file("state")).filter { $0.hasPrefix(".") }
        guard staged.isEmpty else { return "files: \(staged)" }
        guard try text(of: stage.bundle(of: lineage)) == new.text else { return "the old bundle" }
        let names = try await stage.ask(haproxy: "show ssl cert")
        guard !names.contains("# transaction") else { return "a transaction: \(names)" }
        let intents = try? text(of: stage.scratch.file("state/intents.json"))
        guard intents ?? "[]" == "[]" else { return "an intent: \(intents ?? "")" }
        let stations = try await stage.stations(of: lineage)
        return stations.agree ? nil : "\(stations)"
    }

    /// A look by another program finds nothing to complain of.
    func expectCheckIsContent(_ comment: Comment) async throws {
        let check = try await stage.certd(["check"])
        #expect(check.succeeded, "\(comment.rawValue), then check: \(check.output)")
    }

    /// The bundle is the old one or the new one to the byte, both of which HAProxy has loaded; nobody else can read any
    /// file beside it; and what is served is one of the two.
    func expectNothingTorn(_ comment: Comment) async throws -> Stations {
        let bundle = try text(of: stage.bundle(of: lineage))
        #expect(bundle == old.text || bundle == new.text, comment)
        for file in try files(in: stage.bundles) {
            let attributes = try FileManager.default.attributesOfItem(atPath: stage.bundles.appending(file).string)
            #expect(attributes[.posixPermissions] as? Int == 0o600, comment)
        }
        let seen = try await stage.stations(of: lineage)
        for leaf in [seen.memory] + seen.wire { #expect([old.leaf, new.leaf].contains(leaf), comment) }
        return seen
    }
}

/// The names in a directory, dot-names too.
func files(in directory: FilePath) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.string).sorted()
}
