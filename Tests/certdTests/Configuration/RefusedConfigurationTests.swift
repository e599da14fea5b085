import CertKit
import SystemPackage
import Testing

@testable import certd

/// The file is strict: each mistake is told with its place and a remedy, in these very words.
@Suite struct RefusedConfigurationTests {
    @Test(arguments: [
        (
            "[haproxy]\n\nweight = \"never\"", "unknown key haproxy.weight (FILE, line 3)",
            "take it out; section haproxy has: sockets, configuration, path-map, reload, master-socket, reload-command, probe"
        ),
        ("[haproxy]\nsocket = []", "unknown key haproxy.socket (FILE, line 2)", "did you mean haproxy.sockets?"),
        (
            "# none yet\n[mail]\ncommand = []", "unknown key mail (FILE, line 2)",
            "take it out; there are the sections: letsencrypt, haproxy, bundles, bundle, check, http, notify, paths"
        ),
        ("[chekc]", "unknown key chekc (FILE, line 1)", "did you mean check?"),
        (
            "[check.x]\ny = 1", "unknown key check.x (FILE, line 1)",
            "take it out; section check has: warning, critical, trust, private-anchors, timeout"
        ),
        (
            "[[bundle]]\nlineage = \"a\"\npath = \"/a\"\n\n[[bundle]]\r\nhost = []",
            "unknown key bundle.host (FILE, line 6)",
            "did you mean bundle.hosts?"
        ),
        (
            "[\"a\\u001bb\"]", #"unknown key a\u{1B}b (FILE)"#,
            "take it out; there are the sections: letsencrypt, haproxy, bundles, bundle, check, http, notify, paths"
        ),
    ])
    func `an unknown key is an error`(toml: String, error: String, hint: String) {
        expectRefusal(of: toml, error, hint)
    }

    @Test(arguments: [
        (
            "bundles = 3", "bundles must be a table: [bundles], not an integer (FILE, line 1)",
            "write it as a table: [bundles]"
        ),
        (
            "[[check]]", "check must be a table: [check], not a list (FILE, line 1)",
            "write it as a table: [check]"
        ),
        (
            "[bundle]", "bundle must be a list of tables: [[bundle]], not a table (FILE, line 1)",
            "write it as a list of tables: [[bundle]]"
        ),
        (
            "bundle = [1]", "bundle must be a list of tables: [[bundle]], not a list of other values (FILE, line 1)",
            "write it as a list of tables: [[bundle]]"
        ),
        (
            "[haproxy]\nsockets = \"/x\"", "haproxy.sockets must be a list of strings, not a string (FILE, line 2)",
            #"write for example: sockets = ["/run/haproxy/admin.sock"]"#
        ),
        (
            "[haproxy]\nsockets = [1]",
            "haproxy.sockets must be a list of strings, not a list of other values (FILE, line 2)",
            #"write for example: sockets = ["/run/haproxy/admin.sock"]"#
        ),
        (
            "[check]\nwarning = 25", "check.warning must be a string, not an integer (FILE, line 2)",
            #"write for example: warning = "25%""#
        ),
        (
            "[check]\ntimeout = 1.5", "check.timeout must be a string, not a floating-point number (FILE, line 2)",
            #"write for example: timeout = "10s""#
        ),
        (
            "[check]\ntrust = true", "check.trust must be a string, not a boolean (FILE, line 2)",
            #"write for example: trust = "/etc/ssl/certs/ca-certificates.crt""#
        ),
        (
            "[paths]\nstate = [\"/x\"]", "paths.state must be a string, not a list (FILE, line 2)",
            #"write for example: state = "/var/lib/certd""#
        ),
    ])
    func `a value of the wrong type is an error`(toml: String, error: String, hint: String) {
        expectRefusal(of: toml, error, hint)
    }

    @Test(arguments: [
        ("[letsencrypt]\ndirectory = \"\"", "letsencrypt.directory: \"\" is not an absolute path (FILE, line 2)"),
        (
            "[haproxy]\nsockets = [\"/a\", \"run/x\"]",
            "haproxy.sockets: \"run/x\" is not an absolute path (FILE, line 2)"
        ),
        (
            "[haproxy]\nprobe = [\"localhost\"]",
            "haproxy.probe: \"localhost\" is not an address with a port, such as 127.0.0.1:443 or [::1]:443 (FILE, line 2)"
        ),
        (
            "[haproxy]\nprobe = [\"::1:443\"]",
            "haproxy.probe: \"::1:443\" is not an address with a port, such as 127.0.0.1:443 or [::1]:443 (FILE, line 2)"
        ),
        (
            "[haproxy]\npath-map = [\"/srv/certs\"]",
            "haproxy.path-map: \"/srv/certs\" is not a pair of absolute paths, such as /srv/certs:/usr/local/etc/haproxy/certs (FILE, line 2)"
        ),
        (
            "[haproxy]\npath-map = [\"certs:/certs\"]",
            "haproxy.path-map: \"certs:/certs\" is not a pair of absolute paths, such as /srv/certs:/usr/local/etc/haproxy/certs (FILE, line 2)"
        ),
        ("[bundles]\ndirectory = \"certs\"", "bundles.directory: \"certs\" is not an absolute path (FILE, line 2)"),
        ("[check]\nwarning = \"-5d\"", "check.warning: \"-5d\" is not a threshold (FILE, line 2)"),
        ("[check]\ncritical = \"120%\"", "check.critical: \"120%\" is more than the whole lifetime (FILE, line 2)"),
        ("[check]\ncritical = \"50%\"", "check.critical: critical (50%) is above warning (25%) (FILE, line 2)"),
        ("[check]\nwarning = \"5%\"", "check.warning: critical (10%) is above warning (5%) (FILE, line 2)"),
        ("[check]\ntimeout = \"0s\"", "check.timeout: \"0s\" is not between 0s and 1d (FILE, line 2)"),
        ("[check]\ntimeout = \"2d\"", "check.timeout: \"2d\" is not between 0s and 1d (FILE, line 2)"),
        ("[check]\ntimeout = \"soon\"", "check.timeout: \"soon\" is not a time such as 10s or 2m (FILE, line 2)"),
        (
            "[check]\ntrust = \"/\\u202e\"",
            #"check.trust: "/\u{202E}" holds a control or invisible character (FILE, line 2)"#
        ),
        ("check.trust = \"x\"", "check.trust: \"x\" is not an absolute path (FILE, line 1)"),
        ("check = { trust = \"x\" }", "check.trust: \"x\" is not an absolute path (FILE)"),
        ("[check]\ntrust = \"\"\"\nx\"\"\"", "check.trust: \"x\" is not an absolute path (FILE)"),
    ])
    func `an impossible value is an error`(toml: String, error: String) {
        #expect(refusal(toml).first == "certd: error: \(shown(error))")
    }

    @Test(arguments: [
        ("path = \"/a\"", "a [[bundle]] entry has no lineage (FILE, line 5)"),
        ("lineage = \"b\"", "a [[bundle]] entry has no path (FILE, line 5)"),
        (
            "lineage = \"\"\npath = \"/b\"",
            "bundle.lineage: \"\" is no lineage: NAMES (FILE, line 6)"
        ),
        (
            "lineage = \"../b\"\npath = \"/b\"",
            "bundle.lineage: \"../b\" is no lineage: NAMES (FILE, line 6)"
        ),
        (
            "lineage = \"live/b\"\npath = \"/b\"",
            "bundle.lineage: \"live/b\" is no lineage: NAMES (FILE, line 6)"
        ),
        ("lineage = \"b\"\npath = \"b\"", "bundle.path: \"b\" is not an absolute path (FILE, line 7)"),
        ("lineage = \"b\"\npath = \"/b/\"", "bundle.path: \"/b\" names no file (FILE, line 7)"),
        ("lineage = \"b\"\npath = \"/b/..\"", "bundle.path: \"/b/..\" names no file (FILE, line 7)"),
        (
            "lineage = \"b\"\npath = \"/b\\nabort ssl cert /b\"",
            #"bundle.path: "/b\nabort ssl cert /b" holds a control or invisible character (FILE, line 7)"#
        ),
        (
            "lineage = \"b\"\npath = \"/b\"\nhosts = [\"https://b\"]",
            "bundle.hosts: \"https://b\" is not a host name (FILE, line 8)"
        ),
        ("lineage = \"b\"\npath = \"/b\"\nhosts = [\"\"]", "bundle.hosts: \"\" is not a host name (FILE, line 8)"),
        (
            "lineage = \"b\"\npath = \"/b\"\nkey-path = \"b.key\"",
            "bundle.key-path: \"b.key\" is not an absolute path (FILE, line 8)"
        ),
        (
            "lineage = \"b\"\npath = \"/b\"\nkey-path = \"/./b\"",
            "bundle.key-path: \"/b\" is a bundle's or another key's file already (FILE, line 8)"
        ),
        (
            "lineage = \"b\"\npath = \"/b\"\nkey-path = \"/x//a\"",
            "bundle.key-path: \"/x/a\" is a bundle's or another key's file already (FILE, line 8)"
        ),
        ("lineage = \"a\"\npath = \"/b\"", "two [[bundle]] entries have the lineage a (FILE, line 6 and 3)"),
        ("lineage = \"b\"\npath = \"//x/./a\"", "two [[bundle]] entries have the path /x/a (FILE, line 7 and 4)"),
    ])
    func `an entry that cannot be meant is an error`(entry: String, error: String) {
        let toml = "# first\n[[bundle]]\nlineage = \"a\"\npath = \"/x/a\"\n[[bundle]] # second\n\(entry)"
        #expect(refusal(toml).first == "certd: error: \(shown(error))")
    }

    @Test(arguments: [
        ("[haproxy\n", "error while parsing table header: expected ']', saw '\\n' (FILE, line 1)"),
        ("\na = ", "error while parsing key-value pair: encountered end-of-file (FILE, line 2)"),
        (
            "[check]\nwarning = \"25%\"\nwarning = \"20%\"",
            "error while parsing key-value pair: cannot redefine existing string 'warning' (FILE, line 3)"
        ),
        ("[check]\ntrust = \"/a\\u0000b\"", "it holds a zero character (FILE)"),
        ("[check]\n\"trust\\U00000000\" = \"/a\"", "it holds a zero character (FILE)"),
        ("[check]\n\0trust = \"x\"", "it holds a zero character (FILE)"),
    ])
    func `what is not TOML is an error with its line`(toml: String, error: String) {
        #expect(refusal(toml).first == "certd: error: not valid TOML: \(shown(error))")
    }

    @Test func `an entry whose line cannot be told is counted`() {
        let toml = "bundle = [{ lineage = \"a\", path = \"/a\" }, { lineage = \"b\", path = \"b\" }]"
        let error = "bundle.path: \"b\" is not an absolute path (FILE, [[bundle]] 2)"
        #expect(refusal(toml).first == "certd: error: \(shown(error))")
    }

    @Test func `bytes that are no text are an error`() {
        #expect(throws: ConfigurationError.notTOML(reason: "the text is not UTF-8", origin: .file("x", line: nil))) {
            try ConfigurationFile(parsing: [0x61, 0xff], at: "x")
        }
    }

    private func expectRefusal(of toml: String, _ error: String, _ hint: String) {
        #expect(refusal(toml) == ["certd: error: \(shown(error))", "certd: hint: \(hint)"])
    }

    private func shown(_ error: String) -> String {
        error.replacing("FILE", with: "/etc/certd/certd.toml")
            .replacing("NAMES", with: "neither a name of letters, digits, . _ * - nor an absolute directory")
    }
}
