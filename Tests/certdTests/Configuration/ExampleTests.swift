import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// The configuration that is shipped as an example, and the README's reference, against the program.
@Suite struct ExampleTests {
    @Test func `the example is accepted as it is and is the default but for its entry`() throws {
        let (example, standard) = (try load(contents("examples/certd.toml")), try load())
        #expect(example.entries.map(\.path) == ["/etc/ssl/certs/combined.pem"])
        #expect(example.haproxy == standard.haproxy)
        #expect(example.check == standard.check)
        #expect((example.letsencrypt, example.bundles, example.state) == (standard.letsencrypt, nil, standard.state))
    }

    @Test func `the example shows every key, with a value that the key takes`() throws {
        let inForce = try contents("examples/certd.toml").split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("#") && !$0.hasPrefix("# ") ? $0.dropFirst() : $0 }.joined(separator: "\n")
        _ = try load(inForce)
        let file = try ConfigurationFile(parsing: Array(inForce.utf8), at: "example")
        let shown = Set(file.values.keys).union(file.entries.flatMap(\.keys))
        #expect(shown == Set(SettingKey.allCases))
        for (key, value) in file.values { #expect(value == key.example, "\(key.rawValue)") }
    }

    @Test(arguments: SettingKey.allCases) func `the README's reference has every key`(key: SettingKey) throws {
        #expect(try contents("README.md").contains("| `\(key.rawValue)` |"))
    }

    @Test(arguments: SettingKey.allCases) func `the manual page has every key in its section`(key: SettingKey) throws {
        let sections = try contents("docs/man/certd.toml.5").split(separator: "\n.S")
        let section = sections.first { $0.hasPrefix("S [\(key.section)]") || $0.hasPrefix("S [[\(key.section)]]") }
        let entries = section?.filter { $0 != "\\" }.split(separator: "\n")
        #expect(entries?.contains(".B \(key.name)") == true)
    }

    private func contents(_ name: String) throws -> String {
        try String(contentsOfFile: packageDirectory.appending(name).string, encoding: .utf8)
    }
}
