import ArgumentParser
import SystemPackage
import TestSupport
import Testing

@testable import certd

@Suite struct GlobalOptionsTests {
    @Test func `--config names the file that is read`() throws {
        let scratch = try ScratchDirectory()
        let file = try scratch.write("[check]\ntimeout = \"3s\"", to: "certd.toml")
        let options = try GlobalOptions.parse(["--config", file.string])
        #expect(try options.settings().check.timeout == .seconds(3))
    }

    @Test func `a directory in the file's place is an error`() throws {
        let scratch = try ScratchDirectory()
        let options = try GlobalOptions.parse(["--config", scratch.path.string])
        let error = try #require(throws: ConfigurationError.self) { try options.settings() }
        #expect(error.description.contains("a directory where a regular file is needed"))
    }
}
