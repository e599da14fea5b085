import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Lineages whose files are broken at random, the same ones in every run, looked at by the program itself.
@Suite struct MutatedLineagesTests {
    private static let count = ProcessInfo.processInfo.environment["TEST_LONG"] == nil ? 250 : 10_000

    @Test func `broken files cost a check neither much memory nor the other lineages`() async throws {
        let program = try await BuiltProgram(lineages: [("original", [])])
        let archive = program.letsencrypt.appending("archive/original")
        let kinds = ["cert", "chain", "fullchain", "privkey"]
        let originals = try kinds.map { Array(try text(of: archive.appending("\($0)1.pem")).utf8) }
        var generator = SeededGenerator(seed: 40)
        for number in 0..<Self.count {
            let directory = program.letsencrypt.appending("live/broken-\(number)").string
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
            for (place, kind) in kinds.enumerated() {
                var bytes = originals[place]
                if place == number % kinds.count { bytes = mutatedText(bytes, using: &generator) }
                try Data(bytes).write(to: URL(filePath: "\(directory)/\(kind).pem"))
            }
        }
        // The largest that the process has been, in KiB, goes to standard error.
        let measuring = """
            import resource, subprocess, sys
            subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL)
            print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
            """
        let start = ContinuousClock.now
        let run = try await runTool(
            "python3",
            ["-c", measuring, program.path.string, "check", "--json", "--only", "time,chain,key,files"]
                + ["--config", program.configuration.string])
        let time = ContinuousClock.now - start
        let document = try JSONDecoder().decode(Document.self, from: Data(run.output.utf8))
        #expect(document.lineages.count == Self.count + 1)
        #expect(document.lineages.contains { $0.name == "original" && $0.state == "ok" }, "\(run.errors)")
        let peak = try #require(run.errors.split(separator: "\n").last.flatMap { Int($0) }, "\(run.errors)")
        #expect(peak < 64 << 10, "KiB")
        #expect(time < .seconds(1) * Self.count)
    }
}

/// As much of the document as is looked at here.
private struct Document: Decodable {
    struct Lineage: Decodable {
        let name: String
        let state: String
    }
    let lineages: [Lineage]
}
