internal import FoundationEssentials
internal import SystemPackage
internal import TestSupport
internal import Testing

/// A generation that must not be served: the old certificate stays at every station, and no file is touched.
@Suite struct RefusalTests {
    private let name = "pbx.example.org"

    @Test(
        arguments: [
            ["--case", "key-mismatch"], ["--case", "key-mismatch-kind"], ["--case", "key-encrypted"],
            ["--case", "key-two"], ["--case", "key-missing"], ["--case", "key-public"], ["--case", "key-request"],
            ["--case", "key-openssh"], ["--case", "refused-dsa"],
            ["--not-before=-91d", "--not-after=-1d"], ["--not-before=+1d", "--not-after=+91d"],
            ["--chain", "none"], ["--chain", "wrong"], ["--chain", "namesake"],
            ["--issuer", "expired"], ["--issuer", "staging"], ["--issuer", "not-ca"], ["--issuer", "too-deep"],
            ["--names", "sip.example.org"],
        ])
    func `a generation with something wrong is refused`(options: [String]) async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        try await stage.deploys(name)
        let before = try await stage.snapshot(of: name)

        try await stage.make(name, ["--generation", "2"] + options)

        try await stage.refuses(name, leaving: before)
    }

    @Test(arguments: ["cert", "chain", "fullchain", "privkey"])
    func `a generation with a cut file is refused`(kind: String) async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        try await stage.deploys(name)
        let before = try await stage.snapshot(of: name)

        try await stage.make(name, ["--generation", "2"])
        let file = stage.letsencrypt.appending("archive/\(name)/\(kind)2.pem").string
        try Data(Data(contentsOf: URL(filePath: file)).dropLast(100)).write(to: URL(filePath: file))

        try await stage.refuses(name, leaving: before)
    }

    @Test func `a generation older than the served one is refused`() async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        try await stage.make(name, ["--generation", "2"])
        try await stage.deploys(name)
        let before = try await stage.snapshot(of: name)

        for kind in ["cert", "privkey", "chain", "fullchain"] { try stage.link(kind, of: name, to: 1) }

        try await stage.refuses(name, leaving: before)
    }

    @Test func `a lineage in the middle of certbot's link changes is refused after a bounded wait`() async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        try await stage.deploys(name)
        let before = try await stage.snapshot(of: name)

        try await stage.make(name, ["--generation", "2", "--archive-only"])
        for kind in ["cert", "privkey"] { try stage.link(kind, of: name, to: 2) }

        try await stage.refuses(name, leaving: before)
    }

    @Test func `a bundle too large for the Runtime API is refused where nothing may reload`() async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        try await stage.deploys(name)
        let before = try await stage.snapshot(of: name)

        let names = (["pbx.example.org"] + (1...500).map { "host-\($0).pbx.example.org" }).joined(separator: ",")
        try await stage.make(name, ["--generation", "2", "--names", names])

        let run = try await stage.refuses(name, leaving: before, environment: ["CERTD_HAPROXY_RELOAD": "never"])
        #expect(run.errors.contains("certd: hint: write reload = \"if-needed\""))
    }

    @Test func `a second run has nothing to do and touches nothing`() async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        try await stage.deploys(name)
        let before = try await stage.snapshot(of: name)

        try await stage.deploys(name)

        #expect(try await stage.snapshot(of: name) == before)
    }
}
