import CertKit
import HAProxyKit
import SystemPackage
import Testing

@testable import certd

@Suite struct SettingsTests {
    @Test func `without a file the defaults hold`() throws {
        let settings = try load()
        #expect(settings.letsencrypt == "/etc/letsencrypt")
        #expect(settings.haproxy.sockets == nil)
        #expect(settings.haproxy.configuration == "/etc/haproxy/haproxy.cfg")
        #expect(settings.haproxy.probe == nil)
        #expect(settings.bundles == nil)
        #expect(settings.entries.isEmpty)
        #expect(settings.check.thresholds == .standard)
        #expect(settings.check.trust == nil)
        #expect(settings.check.privateAnchors.isEmpty)
        #expect(settings.check.timeout == .seconds(10))
        #expect(settings.state == "/var/lib/certd")
    }

    @Test func `every key of a file counts`() throws {
        let settings = try load(
            """
            [letsencrypt]
            directory = "/srv/letsencrypt"
            [haproxy]
            sockets = ["/run/a.sock", "/run/b.sock"]
            configuration = "/srv/haproxy.cfg"
            probe = ["pbx.example.com:5061", "[::1]:443"]
            [bundles]
            directory = "/srv/certs"
            [[bundle]]
            lineage = "pbx.example.com"
            path = "/srv//combined.pem"
            key-path = "/srv/combined.key"
            hosts = ["PBX.example.com", "*.example.com", "192.0.2.1", "2001:db8::1"]
            owner = "certd"
            group = "haproxy"
            [[bundle]]
            lineage = "/srv/acme/web/"
            path = "/srv/web.pem"
            name = "@store/web"
            owner = ""
            [check]
            warning = "20d"
            critical = "36h"
            trust = "/srv/ca.pem"
            private-anchors = ["/srv/our.pem"]
            timeout = "1.5s"
            [paths]
            state = "/srv/state"
            """)
        #expect(settings.letsencrypt == "/srv/letsencrypt")
        #expect(settings.haproxy.sockets == ["/run/a.sock", "/run/b.sock"])
        #expect(settings.haproxy.configuration == "/srv/haproxy.cfg")
        #expect(settings.haproxy.probe?.map(\.description) == ["pbx.example.com:5061", "[::1]:443"])
        #expect(settings.bundles == "/srv/certs")
        let pbx = BundleEntry(
            lineage: try Lineage("pbx.example.com", below: "/srv/letsencrypt"), path: "/srv/combined.pem",
            name: "/srv//combined.pem", keyPath: "/srv/combined.key",
            hosts: ["pbx.example.com", "*.example.com", "192.0.2.1", "2001:db8::1"], owner: "certd", group: "haproxy")
        let web = BundleEntry(
            lineage: try Lineage("/srv/acme/web", below: "/srv/letsencrypt"), path: "/srv/web.pem", name: "@store/web",
            keyPath: nil, hosts: [], owner: nil, group: nil)
        #expect(settings.entries == [pbx, web])
        #expect(try settings.check.thresholds == Thresholds(warning: Threshold("20d"), critical: Threshold("36h")))
        #expect(settings.check.trust == "/srv/ca.pem")
        #expect(settings.check.privateAnchors == ["/srv/our.pem"])
        #expect(settings.check.timeout == .seconds(1.5))
        #expect(settings.state == "/srv/state")
    }

    @Test(arguments: SettingKey.allCases) func `every key's example is a value it takes`(key: SettingKey) throws {
        let header = key.section == SettingKey.entries ? "[[bundle]]" : "[\(key.section)]"
        let others: [SettingKey] = header == "[[bundle]]" ? [.bundleLineage, .bundlePath].filter { $0 != key } : []
        let lines = ([key] + others).map { "\($0.name) = \($0.example.toml)" }
        _ = try load(([header] + lines).joined(separator: "\n"))
    }

    @Test func `an empty list of sockets says that there is no HAProxy`() throws {
        #expect(try load("[haproxy]\nsockets = []").haproxy.sockets == [])
        #expect(try load(environment: ["CERTD_HAPROXY_SOCKETS": ""]).haproxy.sockets == [])
    }

    @Test func `an empty optional path is none`() throws {
        let settings = try load("[bundles]\ndirectory = \"\"\n[check]\ntrust = \"\"")
        #expect(settings.bundles == nil)
        #expect(settings.check.trust == nil)
    }

    @Test func `a text survives being written as TOML`() throws {
        let path = "/a \"b\" \\c ü"
        #expect(try load("[check]\ntrust = \(tomlString(path))").check.trust?.string == path)
        #expect(tomlString("a\n\u{7F}") == #""a\u000A\u007F""#)
    }
}
