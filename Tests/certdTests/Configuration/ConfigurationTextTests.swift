import CertKit
import SystemPackage
import Testing

@testable import certd

/// Each of these ends the process in TOMLKit 0.6, or is misread by it, so it must not get there.
@Suite struct ConfigurationTextTests {
    @Test(arguments: [
        ("[", 1, "no name after the bracket"), ("x = 1\n[\ny = 2", 2, "no name after the bracket"),
        ("[[=]]", 1, "no name after the bracket"), ("\u{FEFF} [ .check]", 1, "no name after the bracket"),
        ("[é]", 1, "no name after the bracket"), ("[check]\nwarning = -\n", 2, "a value that no key takes"),
        ("[check]\nwarning = [\n\n+ ]", 4, "a value that no key takes"),
        ("a = \"\"\"\n\\\"\"\"\"\nb = 1979-05-27Tnoon", 3, "a value that no key takes"),
        ("a = '''\n'''''\nb = 07:32:00", 3, "a value that no key takes"),
        ("bundle = [}", 1, "a brace where a list's member belongs"),
        ("bundle = [\n{ x = \"}\" }, # one\n}", 3, "a brace where a list's member belongs"),
        ("a = [\u{B}]", 1, "a character that belongs into a string"),
        ("a = [\u{2028}]", 1, "a character that belongs into a string"),
    ])
    func `what the parser cannot take is refused before it`(toml: String, line: Int, reason: String) {
        #expect(
            refusal(toml).first == "certd: error: not valid TOML: \(reason) (/etc/certd/certd.toml, line \(line))")
    }

    @Test(arguments: [
        "[check] # [ } -\ntrust = \"/[}\\\" - é\"", "[check]\ntrust = '/\\'\n\n", "[ \"check\" ]\r\ntrust = \"/a\"\r\n",
        "haproxy = {\"sockets\" = [\n  '/a', # [\n  \"/b\",\n]}\n[check]",
        "[check]\ntrust = \"\"\"/a\"\"\"\"\"\n[paths]",
    ])
    func `what only looks so is taken`(toml: String) throws {
        _ = try load(toml)
    }

    @Test(arguments: ["a = \"", "a = '''\n", "a = \"\\", "[a", "a = [", "a = [[", "a = -1.5 # }", "a = [-1, {b = +2}]"])
    func `what the parser can tell is left to it`(toml: String) throws {
        _ = try ConfigurationText(Array(toml.utf8), at: "x")
    }
}
