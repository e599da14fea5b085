import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// What comes over the daemon's socket, and what stands in the state directory.
@Suite(.endsGuidedFuzzing) struct JSONFuzzTests {
    private static let words = [
        "1e308", "-1e308", "1e19", "-62135596801", "253402300800", "null", "true", "\"\"", "{}", "[", "]", "\\ud800",
        "\\u0000", "9999-12-31T23:59:59Z", "-0001-01-01T00:00:00Z", "99999999999-01-01T00:00:00Z", "\u{FEFF}", "\0",
        ",", ":",
        "\"", "\n",
    ]
    private let now = Date(timeIntervalSince1970: 1_795_000_000)

    @Test func `whatever the daemon answers is shown or not understood`() throws {
        try Fuzzer("json", runsPerSecond: 2_000, words: Self.words).run { input, name in
            let data = Data(input)
            _ = try? JSONDecoder().decode(DeploymentRequest.self, from: data)
            _ = try? JSONDecoder().decode(DeploymentAnswer.self, from: data)
            _ = try? JSONDecoder().decode(APIRefusal.self, from: data)
            guard let document = try? JSONDecoder().decode(StatusDocument.self, from: data) else { return false }
            _ = NagiosReport(document: document, now: now, thresholds: .standard, verbosity: 3).text()
            _ = StatusTable(document: document, now: now, isWide: true).text()
            _ = StatusText(document: document, now: now, written: { _ in nil }).text()
            _ = PrometheusReport(document: document, now: now).text()
            let json = try document.json()
            let again = try JSONDecoder().decode(StatusDocument.self, from: Data(json.utf8))
            #expect(try again.json() == json, "\(name)")
            return true
        }
    }

    @Test func `whatever stands in the state directory is understood or forgotten`() async throws {
        let program = try await BuiltProgram(lineages: [("pbx.example.org", [])])
        let settings = try program.settings()
        let state = StateDirectory(path: settings.state)
        let inventory = try await Inventory(settings: settings, world: .live)
        let lineage = try #require(inventory.lineages.first)
        try FileManager.default.createDirectory(atPath: state.path.string, withIntermediateDirectories: false)
        try state.record(StateDirectory.Failure(lineage: lineage.name, at: now, message: "a", remedy: "b"), of: lineage)
        let deployment = StateDirectory.LastDeployment(lineage: lineage.name, at: now, sha256: "c", seconds: 1)
        try state.record(deployment, of: lineage)
        let intent = StateDirectory.Intent(
            socket: "s", name: "n", sha256: "d", bootID: "e", haproxyProcessID: 1, processID: 2)
        try state.note([intent])
        let notes = try FileManager.default.subpathsOfDirectory(atPath: state.path.string).filter {
            $0.hasSuffix(".json")
        }
        #expect(notes.count == 3)
        let files = notes.map { URL(filePath: state.path.appending($0).string) }
        try Fuzzer("json", runsPerSecond: 200, words: Self.words).run { input, name in
            for file in files {
                // A file system may bring one to disk that is emptied and written again, which takes its time.
                try FileManager.default.removeItem(at: file)
                try Data(input).write(to: file)
            }
            let failure = state.failure(of: lineage)
            let deployed = state.lastDeployment(of: lineage)
            _ = failure?.at.utc
            if let at = deployed?.at { _ = distance(now.timeIntervalSince(at)) + at.utc }
            return !state.intents().isEmpty || failure != nil || deployed != nil
        }
        // And as the command shows it.
        let document = await Checker(inventory: inventory).document(of: [lineage])
        _ = StatusText(document: document, now: now).text()
    }
}
