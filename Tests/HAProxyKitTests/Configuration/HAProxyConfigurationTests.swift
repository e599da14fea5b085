import CertKit
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@Suite struct HAProxyConfigurationTests {
    let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    @Test func `a bind line is known by its section, file and line`() throws {
        let file = try scratch.write(
            "global\n\nlisten pbx\n  mode tcp\n  bind :5061 ssl crt /x/pbx.pem\n", to: "haproxy.cfg")
        let listener = try #require(try HAProxyConfiguration(reading: file).listeners.first)
        #expect(listener.section == "listen pbx")
        #expect(listener.file == file.string)
        #expect(listener.line == 5)
        #expect(listener.certificates.map(\.name) == ["/x/pbx.pem"])
        #expect(listener.probeAddresses.map(\.description) == ["127.0.0.1:5061"])
    }

    @Test(arguments: [
        ("bind :443", 0), ("bind :443 crt /x", 0), ("bind :443 name ssl crt /x", 0),
        ("bind :443 name ssl ssl crt /x", 1),
        ("server s 127.0.0.1:443 ssl crt /x", 0), ("default-server ssl crt /x", 0), ("#bind :443 ssl", 0),
        ("bind :443 unheard-of ssl crt /x future-option 7", 1),
    ])
    func `only bind lines with ssl are listeners`(line: String, count: Int) throws {
        let configuration = try read("frontend f\n \(line)\n")
        #expect(configuration.listeners.count == count)
    }

    @Test(arguments: [
        ("bind :443 ssl", Listener.Provability.provable), ("bind :443 accept-proxy ssl", .proxyProtocol),
        ("bind :443 ssl accept-netscaler-cip 7", .proxyProtocol),
        ("bind :443 ssl ca-file /x verify required", .clientCertificates),
        ("bind :443 ssl verify optional", .provable), ("bind :443 ssl verify none", .provable),
        ("bind :443 ssl interface eth0", .elsewhere), ("bind :443 ssl namespace blue", .elsewhere),
        ("bind quic4@:443 ssl", .quic), ("bind /run/tls.sock ssl", .unixSocket), ("bind abns@tls ssl", .unixSocket),
        ("bind fd@3 ssl", .inherited), ("bind \"$IP:443\" ssl", .variable), ("bind rhttp@b/s ssl", .unknownAddress),
        ("bind /run/tls.sock,:443 ssl", .provable), ("bind \"$IP:443,:8443\" ssl", .provable),
        ("bind :443 ssl\n disabled", .disabled), ("disabled\n bind :443 ssl", .disabled),
        (".if defined(X)\n bind :443 ssl\n.endif", .conditional), (".if defined(X)\n.endif\n bind :443 ssl", .provable),
    ])
    func `what a handshake cannot prove is said with its reason`(
        lines: String, provability: Listener.Provability
    ) throws {
        let listener = try #require(try read("frontend f\n \(lines)\n").listeners.first)
        #expect(listener.provability == provability)
        #expect(listener.probeAddresses.isEmpty == (provability != .provable))
    }

    @Test func `a section ends where the next begins`() throws {
        let configuration = try read(
            """
            crt-store web
             crt-base /store
            frontend off
             disabled
             bind :443 ssl crt site.pem
            frontend on
             bind :444 ssl crt @web/site
            """)
        #expect(configuration.listeners.map(\.provability) == [.disabled, .provable])
        #expect(configuration.listeners.flatMap(\.certificates).map(\.name) == ["site.pem", "@web/site"])
    }

    @Test func `every address of a list is probed`() throws {
        let configuration = try read("frontend f\n bind 127.0.0.1:443,[::]:443,abns@x,:8443 ssl\n")
        #expect(
            configuration.listeners[0].probeAddresses.map(\.description) == [
                "127.0.0.1:443", "[::1]:443", "127.0.0.1:8443",
            ])
    }

    @Test func `what a variable names is said, not guessed`() throws {
        let configuration = try read(
            "frontend f\n bind :443 ssl crt \"$CERTS/a.pem\" crt /x/b.pem crt-list \"${LIST}\"\n")
        #expect(configuration.listeners[0].unresolved == ["$CERTS/a.pem", "${LIST}"])
        #expect(configuration.listeners[0].certificates.map(\.name) == ["/x/b.pem"])
    }

    @Test func `listeners are found by the name they load, as HAProxy spells it`() throws {
        let configuration = try read(
            "frontend f\n bind :443 ssl crt /x/a.pem crt /x/b.pem\nfrontend g\n bind :444 ssl crt /x/b.pem crt /x/b.pem\n"
        )
        #expect(configuration.listeners(loading: "/x/a.pem").map(\.section) == ["frontend f"])
        #expect(configuration.listeners(loading: "/x/b.pem").map(\.section) == ["frontend f", "frontend g"])
        #expect(configuration.listeners(loading: "/x//a.pem").isEmpty)
    }

    @Test(arguments: [
        ("new.pem", 1), (".new.pem", 0), ("new.pem.key", 0), ("new.ocsp", 0), ("sub/new.pem", 0), ("", 0),
    ])
    func `a listener will load what is put into its directory`(name: String, count: Int) throws {
        let configuration = try read("frontend f\n bind :443 ssl crt \(scratch.path)/\n")
        #expect(configuration.listeners(loading: "\(scratch.path)/\(name)").count == count)
        #expect(configuration.listeners[0].lists.map(\.name) == [scratch.path.string])
    }

    @Test func `sockets of the Runtime API are known by path and level`() throws {
        let configuration = try read(
            """
            global
             stats socket /run/haproxy/admin.sock mode 660 group haproxy level admin
             stats socket unix@/run/two.sock user root
             stats socket ipv4@127.0.0.1:9999 level admin
             stats socket "$SOCKET" level admin
             stats timeout 30s
            frontend f
             stats socket /not/this.sock
            """)
        #expect(configuration.statsSockets.map(\.path) == ["/run/haproxy/admin.sock", "/run/two.sock"])
        #expect(configuration.statsSockets.map(\.level) == [.admin, .operator])
        #expect(configuration.statsSockets.map(\.mode) == ["660", nil])
        #expect(configuration.statsSockets.map(\.group) == ["haproxy", nil])
        #expect(configuration.statsSockets.map(\.line) == [2, 3])
    }

    @Test func `a directory of configuration files is read in byte order, as one`() throws {
        try scratch.write("frontend f\n bind :443 ssl crt a.pem\n", to: "20.cfg")
        try scratch.write("global\n crt-base /base\n", to: "1.cfg")
        try scratch.write("frontend hidden\n bind :444 ssl crt b.pem\n", to: ".3.cfg")
        try scratch.write("frontend backup\n bind :445 ssl crt c.pem\n", to: "3.cfg.bak")
        let configuration = try HAProxyConfiguration(reading: scratch.path)
        #expect(configuration.listeners.flatMap(\.certificates).map(\.name) == ["/base/a.pem"])
    }

    @Test func `a configuration that cannot be read is an error that names the file`() throws {
        let missing = scratch.file("haproxy.cfg")
        #expect(throws: FileError.missing(path: missing)) { try HAProxyConfiguration(reading: missing) }
    }

    @Test func `a crt-list that cannot be read is remembered, and the rest is read`() throws {
        let configuration = try read("frontend f\n bind :443 ssl crt-list /nowhere/list crt /x/a.pem\n")
        #expect(configuration.unreadable == [.missing(path: "/nowhere/list")])
        #expect(configuration.listeners[0].certificates.map(\.name) == ["/x/a.pem"])
    }

    private func read(_ text: String) throws -> HAProxyConfiguration {
        try HAProxyConfiguration(reading: scratch.write(text, to: "haproxy.cfg"))
    }
}
