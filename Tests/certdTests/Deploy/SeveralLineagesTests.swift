import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// Several lineages of one run are at work at the same time, and HAProxy has one transaction in all.
@Suite struct SeveralLineagesTests {
    private let names = ["a", "b", "c", "d", "e", "f"].map { "\($0).example.org" }

    /// All lineages served at their first generation, and renewed.
    private func renewed() async throws -> Rig {
        let rig = try await Rig(.directory)
        for generation in 1...2 {
            for name in names {
                try await MadeCertificates.lineage(
                    name, below: rig.letsencrypt, ["--generation", "\(generation)"], now: nil)
            }
            if generation == 1 { _ = try await deploy(rig, .live) }
        }
        return rig
    }

    private func deploy(_ rig: Rig, _ world: World) async throws -> [DeploymentRun.Result] {
        let inventory = try await rig.inventory(world)
        var results: [DeploymentRun.Result] = []
        _ = try await DeploymentRun(inventory: inventory).run(inventory.lineages(named: names)) { results.append($0) }
        return results
    }

    /// The SHA-1 of the leaf that HAProxy has loaded of a lineage, and of the one on disk.
    private func leaves(_ rig: Rig, _ name: String) async throws -> [String?] {
        let path = rig.bundles.appending("\(name).pem")
        return [
            try await rig.api.certificate(named: path.string)?.leaf?.sha1,
            try InstalledBundle.read(at: path).leaf.map { hexadecimal($0.sha1) },
        ]
    }

    private func sha1(_ rig: Rig, _ name: String, _ generation: Int) throws -> String? {
        let path = FilePath("\(rig.letsencrypt)/archive/\(name)/cert\(generation).pem")
        return try InstalledBundle.read(at: path).leaf.map { hexadecimal($0.sha1) }
    }

    @Test func `one that fails is as it was, and no transaction comes into another`() async throws {
        let rig = try await renewed()
        let sent = Sent()
        let failing = "commit ssl cert \(rig.bundles)/\(names[1]).pem"

        let results = try await deploy(
            rig,
            .acting(before: { command throws(RuntimeError) in
                sent.note(command)
                if command == failing { throw .closed(socket: rig.socket.string, command: command) }
            }))

        #expect(results.map(\.lineage.name) == names, "told in their order")
        for (name, result) in zip(names, results) {
            let isFailing = name == names[1]
            #expect(((try? result.outcome.get().outcome) == .deployed) == !isFailing, "\(result.outcome)")
            let expected = try sha1(rig, name, isFailing ? 1 : 2)
            #expect(try await leaves(rig, name) == [expected, expected], "\(name)")
        }
        // Each set is followed by what ends its own transaction.
        for (command, next) in zip(sent.changing, sent.changing.dropFirst()) where command.hasPrefix("set ") {
            #expect(next.split(separator: " ").last == command.split(separator: " ").last, "\(sent.changing)")
        }
        try await rig.expectTidy()
    }

    @Test func `one that certbot is at work on is left alone, and the others are deployed`() async throws {
        let rig = try await renewed()
        let inventory = try await rig.inventory(.live)
        let lineages = try inventory.lineages(named: names)
        // What certbot keeps while it makes the new links.
        try FileManager.default.createSymbolicLink(
            atPath: "\(rig.letsencrypt)/live/\(names[1])/previous_cert.pem", withDestinationPath: "cert1.pem")
        try FileManager.default.removeItem(atPath: "\(rig.letsencrypt)/live/\(names[2])")
        var run = DeploymentRun(inventory: inventory)
        run.unsettled = Set(lineages.dropFirst())
        var left: [String] = []
        var results: [DeploymentRun.Result] = []

        let isDone = try await run.run(lineages, leave: { left.append($0.name) }) { results.append($0) }

        #expect(isDone)
        #expect(left == [names[1], names[2]])
        #expect(results.map(\.lineage.name) == [names[0]] + names[3...])
        for (number, name) in names.enumerated() {
            let expected = try sha1(rig, name, [1, 2].contains(number) ? 1 : 2)
            #expect(try await leaves(rig, name) == [expected, expected], "\(name)")
        }
        #expect(lineages.allSatisfy { inventory.state.failure(of: $0) == nil })
        try await rig.expectTidy()
    }
}
