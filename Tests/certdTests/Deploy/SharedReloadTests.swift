import CertKit
import FoundationEssentials
import HAProxyKit
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// Several lineages need HAProxy to be reloaded: once for all, and a bad one holds nobody back.
@Suite struct SharedReloadTests {
    private let names = ["pbx.example.org", "sip.example.org", "turn.example.org", "www.example.org"]

    /// All lineages served at their first generation, from one directory, and renewed with these options.
    private func renewed(_ options: [[String]]) async throws -> Rig {
        let rig = try await Rig(.directory, isMastered: true)
        for name in names.dropFirst() { try await MadeCertificates.lineage(name, below: rig.letsencrypt, now: nil) }
        try await deploy(rig, rig.toml())
        for (name, options) in zip(names, options) {
            try await MadeCertificates.lineage(
                name, below: rig.letsencrypt, ["--generation", "2"] + options, now: nil)
        }
        return rig
    }

    @discardableResult
    private func deploy(
        _ rig: Rig, _ toml: String, isForced: Bool = false, until deadline: ContinuousClock.Instant? = nil
    ) async throws -> [String: Result<DeploymentReport, any Error>] {
        let inventory = try await rig.inventory(toml: toml)
        var results: [String: Result<DeploymentReport, any Error>] = [:]
        _ = try await DeploymentRun(inventory: inventory, isForced: isForced).run(inventory.lineages, until: deadline) {
            results[$0.lineage.name] = $0.outcome
        }
        return results
    }

    /// The generation that HAProxy has loaded of each lineage, and that on disk.
    private func generations(_ rig: Rig) async throws -> [[Int]] {
        var found: [[Int]] = []
        for name in names {
            let path = rig.bundles.appending("\(name).pem")
            let disk = try InstalledBundle.read(at: path).leaf.map { hexadecimal($0.sha1) }
            let memory = try await rig.api.certificate(named: path.string)?.leaf?.sha1
            let both = try [disk, memory].map { seen in
                try (1...2).first { number in
                    let archived = FilePath("\(rig.letsencrypt)/archive/\(name)/cert\(number).pem")
                    return try InstalledBundle.read(at: archived).leaf.map { hexadecimal($0.sha1) } == seen
                } ?? 0
            }
            found.append(both)
        }
        return found
    }

    @Test func `four lineages share one reload`() async throws {
        let rig = try await renewed([[], [], [], []])

        let results = try await deploy(rig, rig.policy())

        for name in names { #expect(try results[name]?.get().outcome == .deployed) }
        #expect(try await generations(rig) == [[2, 2], [2, 2], [2, 2], [2, 2]])
        #expect(try await rig.reloads() == 1)
        try await rig.expectTidy()
    }

    @Test(arguments: [[0], [3], [1, 2], [0, 1, 3]])
    func `those that HAProxy refuses keep their old bundle, and the others get theirs`(bad: [Int]) async throws {
        let rig = try await renewed(names.indices.map { bad.contains($0) ? ["--key", "rsa1024"] : [] })

        let results = try await deploy(rig, rig.policy(), isForced: true)

        #expect(try await generations(rig) == names.indices.map { bad.contains($0) ? [1, 1] : [2, 2] })
        for index in names.indices {
            switch results[names[index]] {
            case .success: #expect(!bad.contains(index))
            case .failure(let error):
                #expect(bad.contains(index))
                #expect("\(error)".contains("would not start with the new bundle (\(rig.bundles)/\(names[index]).pem)"))
            case nil: Issue.record("\(names[index]) has no result")
            }
        }
        #expect(try await rig.reloads() == 1)
        try await rig.expectTidy()
    }

    @Test func `where all are refused HAProxy is not reloaded`() async throws {
        let rig = try await renewed(names.map { _ in ["--key", "rsa1024"] })

        try await deploy(rig, rig.policy(), isForced: true)

        #expect(try await generations(rig) == [[1, 1], [1, 1], [1, 1], [1, 1]])
        #expect(try await rig.reloads() == 0)
        try await rig.expectTidy()
    }

    @Test func `a bundle that cannot be written fails alone`() async throws {
        let rig = try await renewed([[], [], [], []])
        let group =
            "[[bundle]]\nlineage = \"\(names[1])\"\npath = \"\(rig.bundles)/\(names[1]).pem\"\ngroup = \"no-such-group\""

        let results = try await deploy(
            rig,
            rig.toml(
                extra: "[bundles]\ndirectory = \"\(rig.bundles)\"\n\(group)",
                haproxy: "reload = \"always\"\nmaster-socket = \"\(rig.master)\""))

        #expect(throws: (any Error).self) { try results[names[1]]?.get() }
        #expect(try await generations(rig) == [[2, 2], [1, 1], [2, 2], [2, 2]])
        try await rig.expectTidy()
    }

    @Test func `a session that is open outlives the reload, in an old worker`() async throws {
        let rig = try await renewed([[], [], [], []])
        try rig.edit { text in
            """
            \(text)    mode tcp
                timeout client 1h
                tcp-request inspect-delay 1h
                tcp-request content accept if WAIT_END

            """
        }
        try await rig.reload()
        let client = try await requireOpenSession(rig)
        defer { client.cancel() }
        let before = try await rig.processes()

        try await deploy(rig, rig.policy())

        let after = try await rig.processes()
        #expect(after.oldWorkers.map(\.pid) == [before.worker?.pid])
    }

    /// A client that says nothing, as in a quiet telephone call.
    private func requireOpenSession(_ rig: Rig) async throws -> Task<Void, any Error> {
        let address = rig.address.description
        let client = Task { _ = try await runTool("openssl", ["s_client", "-quiet", "-connect", address]) }
        let start = ContinuousClock.now
        while try await !rig.api.send("show sess", nil).contains("fe=tls") {
            try #require(ContinuousClock.now - start < .seconds(60), "the session does not show")
        }
        return client
    }
}
