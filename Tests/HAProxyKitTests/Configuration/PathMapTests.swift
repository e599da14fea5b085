import HAProxyKit
import SystemPackage
import TestSupport
import Testing

/// A HAProxy that sees other paths than this host.
@Suite struct PathMapTests {
    private let map = PathMap([
        .init(host: "/srv/haproxy/", haproxy: "/usr/local/etc/haproxy"), .init(host: "/srv/certs", haproxy: "/certs"),
        .init(host: "/srv/certs/own", haproxy: "/certs/other"),
    ])

    @Test(arguments: [
        ("/srv/haproxy/haproxy.cfg", "/usr/local/etc/haproxy/haproxy.cfg"), ("/srv/haproxy", "/usr/local/etc/haproxy"),
        ("/srv/certs/a.pem", "/certs/a.pem"), ("/srv/certs/own/a.pem", "/certs/other/a.pem"),
        ("/srv/certs2/a.pem", "/srv/certs2/a.pem"), ("/run/haproxy/admin.sock", "/run/haproxy/admin.sock"),
    ])
    func `a path is found both ways`(host: FilePath, haproxy: FilePath) {
        #expect(map.inHAProxy(host) == haproxy)
        #expect(map.onHost(haproxy) == host)
    }

    @Test func `a path is what it means, not how it is spelled`() {
        #expect(map.onHost("/certs//x/../a.pem") == "/srv/certs/a.pem")
        #expect(map.onHost("/certs/../etc/passwd") == "/certs/../etc/passwd")
        #expect(PathMap().onHost("/certs/x/../a.pem").string == "/certs/x/../a.pem")
        #expect(PathMap().isEmpty && !map.isEmpty)
    }

    @Test func `haproxy.cfg is read as HAProxy reads it`() async throws {
        let scratch = try ScratchDirectory()
        try await requireTool("mkdir", [scratch.file("certs").string])
        try scratch.write("", to: "certs/b.pem")
        try scratch.write("", to: "certs/a.pem")
        try scratch.write("/inside/certs/a.pem [alpn h2] x.example.org\n", to: "list")
        let file = try scratch.write(
            """
            global
             stats socket /inside/run/admin.sock level admin
             default-path config
            frontend f
             bind :443 ssl crt certs
             bind :444 ssl crt-list /inside/list

            """, to: "haproxy.cfg")

        let configuration = try HAProxyConfiguration(
            reading: file, mapping: PathMap([.init(host: scratch.path, haproxy: "/inside")]))

        #expect(configuration.unreadable == [])
        #expect(configuration.statsSockets.map(\.path) == ["\(scratch.file("run/admin.sock"))"])
        #expect(
            configuration.listeners.map { $0.certificates.map(\.name) } == [
                ["certs/a.pem", "certs/b.pem"], ["/inside/certs/a.pem"],
            ])
        #expect(configuration.names(of: scratch.file("certs/a.pem")) == ["/inside/certs/a.pem", "certs/a.pem"])
        #expect(configuration.file(named: "/inside/certs/a.pem") == scratch.file("certs/a.pem"))
    }
}
