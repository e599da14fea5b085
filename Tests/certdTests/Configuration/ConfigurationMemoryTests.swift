import FoundationEssentials
import Testing

@testable import certd

/// A configuration that is read again and again, as by a daemon.
@Suite struct ConfigurationMemoryTests {
    @Test func `a file that has changed is read anew, and one that is no good is refused each time`() throws {
        let memory = ConfigurationMemory()
        func settings(_ text: String) throws(ConfigurationError) -> Settings {
            try Settings.load(file: "certd.toml", environment: [:], recalling: memory) { _ in Array(text.utf8) }
        }
        for seconds in [3, 4, 4, 3] {
            #expect(try settings("[check]\ntimeout = \"\(seconds)s\"\n").check.timeout == .seconds(seconds))
            for _ in 1...2 {
                #expect(throws: ConfigurationError.self) { try settings("[check]\ntimeout = \(seconds)\n") }
            }
        }
        let error = try #require(throws: ConfigurationError.self) { try memory.file(parsing: [0], at: "other.toml") }
        #expect("\(error)".contains("other.toml"))
    }

    @Test func `reading it ten thousand times takes no more memory than reading it once`() async {
        await #expect(processExitsWith: .success) {
            let memory = ConfigurationMemory()
            func memoryInKiB(after count: Int) throws -> Int {
                let bytes = Array("[check]\ntimeout = \"3s\"\n".utf8)
                for _ in 0..<count { _ = try memory.file(parsing: bytes, at: "certd.toml") }
                let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
                let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
                return try #require(line?.split(separator: " ").dropLast().last.flatMap { Int($0) })
            }
            let before = try memoryInKiB(after: 500)
            let growth = try memoryInKiB(after: 10_000) - before
            // Parsed each time it would be megabytes.
            #expect(growth < 1024)
        }
    }
}
