import CertKit
import SystemPackage
import Testing

@testable import certd

@Suite struct PrecedenceTests {
    private static let file = "[check]\ntrust = \"/file\"\n[paths]\nstate = \"/file\""

    @Test(arguments: [
        (true, ["CERTD_CHECK_TRUST": "/variable"], "/flag"), (false, ["CERTD_CHECK_TRUST": "/variable"], "/variable"),
        (false, [:], "/file"),
    ])
    func `options come before the environment, and that before the file`(
        flag: Bool, environment: [String: String], trust: FilePath
    ) throws {
        let option = SettingOverride(key: .checkTrust, value: "/flag", flag: "--trust")
        let settings = try load(Self.file, overrides: flag ? [option] : [], environment: environment)
        #expect(settings.check.trust == trust)
    }

    @Test(
        arguments: [
            (file, ["CERTD_STATE_DIRECTORY": "/variable", "STATE_DIRECTORY": "/systemd"], "/variable"),
            (file, ["STATE_DIRECTORY": "/systemd"], "/file"), (nil, ["STATE_DIRECTORY": "/systemd"], "/systemd"),
            (nil, ["STATE_DIRECTORY": "/systemd:/second"], "/systemd"),
            (nil, ["STATE_DIRECTORY": ""], "/var/lib/certd"),
            (nil, [:], "/var/lib/certd"),
        ] as [(String?, [String: String], FilePath)])
    func `the supervisor's directory counts where nobody wrote one`(
        toml: String?, environment: [String: String], state: FilePath
    ) throws {
        #expect(try load(toml, environment: environment).state == state)
    }

    @Test func `systemd's runtime directory counts where nobody wrote one`() throws {
        #expect(try load(environment: ["RUNTIME_DIRECTORY": "/systemd"]).runtime == "/systemd")
        let both = ["RUNTIME_DIRECTORY": "/systemd", "CERTD_RUNTIME_DIRECTORY": "/variable"]
        #expect(try load(environment: both).runtime == "/variable")
        #expect(try load().runtime == "/run/certd")
    }

    // A command may be any word.
    @Test(
        arguments: SettingKey.allCases.filter { key in
            key.variable != nil && key != .haproxyReloadCommand && key != .notifyCommand
        })
    func `every key outside of entries can come from the environment`(key: SettingKey) throws {
        let variable = try #require(key.variable)
        let error = try #require(refusal(environment: [variable: "x"]).first)
        #expect(error.hasPrefix("certd: error: \(key.rawValue): \"x\" is not"))
        #expect(error.hasSuffix("(from \(variable))"))
    }

    @Test func `lists are separated by commas`() throws {
        let settings = try load(environment: ["CERTD_HAPROXY_SOCKETS": "/a.sock, /b.sock"])
        #expect(settings.haproxy.sockets == ["/a.sock", "/b.sock"])
        #expect(
            refusal(environment: ["CERTD_HAPROXY_SOCKETS": "/a.sock,"]).first
                == "certd: error: haproxy.sockets: \"\" is not an absolute path (from CERTD_HAPROXY_SOCKETS)")
    }

    @Test(arguments: [
        ("CERTD_HAPROXY_SOCKET", "did you mean CERTD_HAPROXY_SOCKETS?"),
        ("CERTD_STATE_DIR", "take it out with: unset CERTD_STATE_DIR"),
        ("CERTD_CONFIGS", "did you mean CERTD_CONFIG?"),
        ("CERTD_BUNDLE_PATH", "take it out with: unset CERTD_BUNDLE_PATH"),
    ])
    func `a variable that would go unread is an error`(name: String, hint: String) {
        #expect(
            refusal(environment: [name: "/x"]) == [
                "certd: error: unknown environment variable \(name)", "certd: hint: \(hint)",
            ])
    }

    @Test func `the variables of the hook and the daemon are no mistake`() throws {
        _ = try load(environment: ["CERTD_BINARY": "/x", "CERTD_RUNTIME_DIRECTORY": "/x", "CERTD": "1", "HOME": "/"])
    }

    @Test func `an option may name a relative path, and a wrong one is the caller's mistake`() throws {
        let relative = SettingOverride(key: .checkTrust, value: "ca.pem", flag: "--trust")
        #expect(try load(overrides: [relative]).check.trust == "ca.pem")
        let wrong = SettingOverride(key: .checkWarning, value: "120%", flag: "-w")
        let error = try #require(throws: ConfigurationError.self) { try load(overrides: [wrong]) }
        #expect(error.description == "check.warning: \"120%\" is more than the whole lifetime (from -w)")
        #expect(ErrorReport(error)?.isUsage == true)
    }
}
