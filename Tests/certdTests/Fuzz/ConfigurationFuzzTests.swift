import CertKit
import TestSupport
import Testing

@testable import certd

@Suite(.endsGuidedFuzzing) struct ConfigurationFuzzTests {
    @Test func `a changed configuration is taken, or refused with what is wrong and what to do`() throws {
        let fuzzer = try Fuzzer(
            "configuration", runsPerSecond: 1_000,
            words: [
                "[", "]", "[[", "]]", "[[bundle]]\n", "{", "}", "=", ",", "\"\"\"", "'''", "\\u0000", "\\U0010FFFF",
                "\\x", "1e999", "inf", "0x", "1979-05-27T07:32:00Z", "true", "\0", "\u{FEFF}", "haproxy.", "\r", "_",
                "+", "#",
            ])
        let (_, understood) = try fuzzer.run { input, name in
            do throws(ConfigurationError) {
                _ = try Settings.load(file: nil, environment: [:]) { _ throws(FileError) in input }
                return true
            } catch {
                let lines = ErrorReport(error)?.lines ?? []
                #expect(lines.count > 1 && lines[0].hasPrefix("certd: error: "), "\(name)")
                #expect(lines.allSatisfy { $0.hasPrefix("certd: ") && $0.printable == $0 }, "\(name): \(lines)")
                return false
            }
        }
        #expect(understood > 10)
    }
}
