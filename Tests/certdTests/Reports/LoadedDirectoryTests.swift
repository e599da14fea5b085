import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// The directory that HAProxy loads whole, judged beside HAProxy itself.
@Suite struct LoadedDirectoryTests {
    /// What stands in the directory beside a healthy bundle, and whether HAProxy's next start fails because of it.
    private struct Intruder: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let file: String
        /// Files of the cases that it is put together from; other text stands for itself.
        let parts: [String]
        let isUnsafe: Bool

        init(_ file: String, _ parts: [String], isUnsafe: Bool) {
            (self.file, self.parts, self.isUnsafe) = (file, parts, isUnsafe)
            testDescription = "\(file): \(parts)"
        }
    }

    private static let intruders: [Intruder] = [
        Intruder("copy.bak", ["healthy/fullchain.pem", "healthy/privkey.pem"], isUnsafe: false),
        Intruder("key-first.pem", ["healthy/privkey.pem", "healthy/fullchain.pem"], isUnsafe: false),
        Intruder(
            "two-keys.pem", ["healthy/fullchain.pem", "healthy/privkey.pem", "other/privkey.pem"], isUnsafe: false),
        Intruder("expired.pem", ["expired/fullchain.pem", "expired/privkey.pem"], isUnsafe: false),
        Intruder(
            "request.pem", ["healthy/fullchain.pem", "healthy/privkey.pem", "key-request/privkey.pem"], isUnsafe: false),
        Intruder(".hidden.pem", ["nothing of use"], isUnsafe: false),
        Intruder("only.key", ["healthy/privkey.pem"], isUnsafe: false),
        Intruder("zzz.tmp", ["healthy/fullchain.pem"], isUnsafe: true),
        Intruder("README", ["Nothing of use.\n"], isUnsafe: true),
        Intruder("empty.pem", [], isUnsafe: true),
        Intruder("mismatch.pem", ["healthy/fullchain.pem", "other/privkey.pem"], isUnsafe: true),
        Intruder(
            "wrong-first.pem", ["healthy/fullchain.pem", "other/privkey.pem", "healthy/privkey.pem"], isUnsafe: true),
        Intruder("encrypted.pem", ["healthy/fullchain.pem", "key-encrypted/privkey.pem"], isUnsafe: true),
        Intruder("keyonly.pem", ["healthy/privkey.pem"], isUnsafe: true),
        Intruder("cut.pem", ["healthy/privkey.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n"], isUnsafe: true),
    ]

    @Test(arguments: intruders) private func `a file that stops HAProxy's next start is told`(
        intruder: Intruder
    ) async throws {
        let site = try await Site(["healthy", "expired", "key-request", "key-encrypted"])
        try site.put("good.pem", ["healthy/fullchain.pem", "healthy/privkey.pem"])
        try site.put(intruder.file, intruder.parts)

        let found = try site.findings(on: MadeLeaf.now).map(\.id)
        #expect(found == (intruder.isUnsafe ? [.directoryUnsafe] : []))
        #expect(try await site.starts() == !intruder.isUnsafe)
    }

    @Test func `a bundle with its key in a file of its own is sound`() async throws {
        let site = try await Site(["healthy"])
        try site.put("good.pem", ["healthy/fullchain.pem"])
        try site.put("good.pem.key", ["healthy/privkey.pem"])
        #expect(try site.findings(on: MadeLeaf.now) == [])
        #expect(try await site.starts())
    }

    @Test func `what has been looked at already is not told twice`() async throws {
        let site = try await Site(["healthy"])
        try site.put("torn.pem", ["healthy/fullchain.pem"])
        #expect(try site.findings(on: MadeLeaf.now).map(\.id) == [.directoryUnsafe])
        #expect(try site.findings(known: ["\(site.directory)/torn.pem": nil], on: MadeLeaf.now) == [])
    }

    @Test func `an expired certificate for one name stands before a valid wildcard`() async throws {
        let site = try await Site(["wildcard", "expired", "healthy"])
        try site.put("aaa.pem", ["wildcard/fullchain.pem", "wildcard/privkey.pem"])
        try site.put("old.pem", ["expired/fullchain.pem", "expired/privkey.pem"])
        let found = try site.findings(on: MadeLeaf.now)
        #expect(found.map(\.id) == [.shadowed])
        #expect(found.first?.location == "\(site.directory)/old.pem")
        // Before it expired it was right to prefer it, and an expired wildcard is no better.
        #expect(try site.findings(on: MadeLeaf.now - 30 * 86_400) == [])
        #expect(try site.findings(on: MadeLeaf.now + 400 * 86_400) == [])
        // A name that the wildcard does not cover is nobody else's.
        try site.put("aaa.pem", ["healthy/fullchain.pem", "healthy/privkey.pem"])
        #expect(try site.findings(on: MadeLeaf.now) == [])
    }
}

/// A directory of bundles, and an HAProxy configuration that loads it.
private struct Site {
    let scratch: ScratchDirectory
    var directory: FilePath { scratch.file("certs") }

    init(_ cases: [String]) async throws {
        scratch = try ScratchDirectory()
        try await MadeCertificates.cases(cases, in: scratch)
        try await MadeCertificates.lineage("other", below: scratch.file("le"))
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: false)
        try FileManager.default.createDirectory(
            atPath: scratch.file("other").string, withIntermediateDirectories: false)
        try scratch.write(scratch.read("le/live/other/privkey.pem"), to: "other/privkey.pem")
        try scratch.write(
            "defaults\n  timeout client 1s\n  timeout server 1s\n  timeout connect 1s\nlisten tls\n"
                + "  bind 127.0.0.1:8443 ssl crt \(directory)\n  server none 127.0.0.1:9\n",
            to: "haproxy.cfg")
    }

    func put(_ file: String, _ parts: [String]) throws {
        let text = try parts.map { $0.hasSuffix(".pem") ? try scratch.read($0) : $0 }.joined()
        try scratch.write(text, to: "certs/\(file)")
    }

    func findings(known: [String: Certificate?] = [:], on now: Date) throws -> [Finding] {
        try HAProxyConfiguration(reading: scratch.file("haproxy.cfg")).loadedDirectories
            .flatMap { $0.findings(known: known, on: now) }
    }

    func starts() async throws -> Bool {
        try await runTool("haproxy", ["-c", "-f", scratch.file("haproxy.cfg").string]).succeeded
    }
}
