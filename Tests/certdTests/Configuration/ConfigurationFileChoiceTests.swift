import CertKit
import SystemPackage
import Testing

@testable import certd

@Suite struct ConfigurationFileChoiceTests {
    @Test(
        arguments: [
            ("/option", ["CERTD_CONFIG": "/variable"], "/option"), (nil, ["CERTD_CONFIG": "/variable"], "/variable"),
            (nil, ["CERTD_CONFIG": ""], "/etc/certd/certd.toml"), (nil, [:], "/etc/certd/certd.toml"),
        ] as [(String?, [String: String], FilePath)])
    func `the file is the option's, else the variable's, else the usual one`(
        option: String?, environment: [String: String], path: FilePath
    ) throws {
        var asked: [FilePath] = []
        _ = try Settings.load(file: option, environment: environment) { path throws(FileError) in
            asked.append(path)
            return []
        }
        #expect(asked == [path])
    }

    @Test(
        arguments: [
            ("/nowhere", [:], "certd: error: the configuration file does not exist (/nowhere, from --config)"),
            (
                nil, ["CERTD_CONFIG": "/nowhere"],
                "certd: error: the configuration file does not exist (/nowhere, from CERTD_CONFIG)"
            ),
        ] as [(String?, [String: String], String)])
    func `a file that was asked for must exist`(
        option: String?, environment: [String: String], line: String
    ) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try Settings.load(file: option, environment: environment) { path throws(FileError) in
                throw .missing(path: path)
            }
        }
        #expect(ErrorReport(error)?.lines.first == line)
    }

    @Test func `a usual file that cannot be read is not passed over`() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try Settings.load(file: nil, environment: [:]) { path throws(FileError) in
                throw .unreadable(path: path, .permissionDenied)
            }
        }
        let line = try #require(ErrorReport(error)?.lines.first)
        #expect(line.hasPrefix("certd: error: the configuration cannot be read: /etc/certd/certd.toml: "))
    }
}
