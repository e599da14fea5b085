import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// What `certd init` writes, told from what haproxy.cfg loads and what stands there; HAProxy does not run.
@Suite struct ConfigurationAdditionTests {
    private let program: BuiltProgram
    private var scratch: ScratchDirectory { program.scratch }
    private var bundles: FilePath { scratch.file("certs") }

    init() async throws {
        program = try await BuiltProgram(lineages: [("pbx.test", []), ("sip.test", [])])
        for name in ["pbx.test", "sip.test"] { try putBundle(of: name, at: "certs/\(name).pem") }
    }

    private func putBundle(of lineage: String, at name: String) throws {
        let live = program.letsencrypt.appending("live/\(lineage)")
        try scratch.write(
            text(of: live.appending("fullchain.pem")) + text(of: live.appending("privkey.pem")), to: name)
    }

    /// Reads the configuration as `certd init` would leave it, and gives what it adds.
    private func addition(
        to old: String?, binding crt: String, hooks: [String] = []
    ) async throws -> (ConfigurationAddition, Settings) {
        try scratch.write("listen x\n  bind :8443 ssl \(crt)\n", to: "haproxy.cfg")
        let base = """
            [letsencrypt]
            directory = "\(program.letsencrypt)"
            [haproxy]
            configuration = "\(scratch.file("haproxy.cfg"))"
            sockets = []
            probe = []

            """
        func load(_ text: String) throws -> Settings {
            try Settings.load(file: "certd.toml", environment: [:]) { _ in Array((base + text).utf8) }
        }
        let inventory = try await Inventory(settings: load(old ?? ""), world: .live)
        let directory = FilePath("renewal-hooks/deploy")
        try FileManager.default.createDirectory(
            atPath: program.letsencrypt.pushing(directory).string, withIntermediateDirectories: true)
        for (index, hook) in hooks.enumerated() {
            try scratch.write(hook, to: "letsencrypt/\(directory)/\(index)", mode: .ownerReadWriteExecute)
        }
        let placements = BundlePlacements(in: inventory, writtenBy: try inventory.oldHooks().old)
        let addition = ConfigurationAddition(to: old, for: placements, in: inventory)
        return (addition, try load(addition.text))
    }

    private func entries(_ settings: Settings) -> [String] {
        settings.entries.map { "\($0.lineage) \($0.path.lastComponent?.string ?? "")" }
    }

    @Test func `bundles that HAProxy loads one by one get an entry each`() async throws {
        let crt = "crt \(bundles)/pbx.test.pem crt \(bundles)/sip.test.pem"
        let (addition, settings) = try await addition(to: nil, binding: crt)
        #expect(entries(settings) == ["pbx.test pbx.test.pem", "sip.test sip.test.pem"])
        #expect(addition.text.hasPrefix("# certd's configuration"))
    }

    @Test func `a directory that HAProxy loads whole, with every lineage in it, is named once`() async throws {
        let (_, settings) = try await addition(to: nil, binding: "crt \(bundles)")
        #expect(settings.entries.isEmpty)
        #expect(settings.bundles == bundles)
    }

    @Test func `a lineage of another server keeps a directory from being named for all`() async throws {
        try remove(bundles.appending("sip.test.pem"))
        let (_, settings) = try await addition(to: nil, binding: "crt \(bundles)")
        #expect(settings.bundles == nil)
        #expect(entries(settings) == ["pbx.test pbx.test.pem"])
    }

    @Test func `what is in the file stays as it is, and a table that it has is not begun again`() async throws {
        let old = try text(of: packageDirectory.appending("examples/certd.toml"))
        // The package's: every line that is no header stands behind a `#`; the test has its own of these.
        let lines = old.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasPrefix("#") || (line.hasPrefix("[") && !line.hasPrefix("[[")) ? String(line) : "#\(line)"
        }.filter { !["[letsencrypt]", "[haproxy]"].contains($0) }
        let package = lines.joined(separator: "\n")
        let (addition, settings) = try await addition(to: package, binding: "crt \(bundles)")
        #expect(settings.bundles == bundles)
        #expect(
            addition.text.split(separator: "\n").filter { !$0.hasPrefix("directory = ") }
                == package.split(separator: "\n"))
        #expect(addition.parts.count == 1)
    }

    @Test func `what is configured is not written again`() async throws {
        let entry = "[[bundle]]\nlineage = \"pbx.test\"\npath = \"/elsewhere/own.pem\"\n"
        let (addition, settings) = try await addition(to: entry, binding: "crt \(bundles)/sip.test.pem")
        #expect(entries(settings) == ["pbx.test own.pem", "sip.test sip.test.pem"])
        let again = try await self.addition(to: addition.text, binding: "crt \(bundles)/sip.test.pem").0
        #expect(again.isNothing)
        #expect(again.text == addition.text)
    }

    @Test func `a file that another certificate stands in belongs to the lineage whose hook writes it`() async throws {
        let throwAway = try await TestCertificate.make("throw-away", in: scratch)
        let hook =
            "cat $RENEWED_LINEAGE/fullchain.pem $RENEWED_LINEAGE/privkey.pem >\(scratch.path)/own-$(basename $RENEWED_LINEAGE).pem"
        for name in ["pbx.test", "sip.test"] { try scratch.write(text(of: throwAway.bundle), to: "own-\(name).pem") }
        let crt = "crt \(scratch.file("own-pbx.test.pem")) crt \(scratch.file("own-sip.test.pem"))"
        let (_, settings) = try await addition(to: nil, binding: crt, hooks: [hook])
        #expect(entries(settings) == ["pbx.test own-pbx.test.pem", "sip.test own-sip.test.pem"])
    }

    @Test func `one file that a hook lets all lineages take turns in is nobody's by that`() async throws {
        let throwAway = try await TestCertificate.make("throw-away", in: scratch)
        let hook = "cat $RENEWED_LINEAGE/fullchain.pem $RENEWED_LINEAGE/privkey.pem >\(throwAway.bundle)"
        let (addition, _) = try await addition(to: nil, binding: "crt \(throwAway.bundle)", hooks: [hook])
        #expect(addition.isNothing)
    }

    @Test func `names that a shell or TOML would take for something else are written so that they are read back`()
        async throws
    {
        let odd = "certs/a \"b\" \\c.pem"
        try putBundle(of: "pbx.test", at: odd)
        let escaped = scratch.file(odd).string.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing(" ", with: "\\ ")
        let (_, settings) = try await addition(to: nil, binding: "crt \(escaped)")
        #expect(settings.entries.map(\.path) == [scratch.file(odd)])
    }
}
