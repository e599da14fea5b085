import HAProxyKit
import SystemPackage
import TestSupport
import Testing

/// The names read from haproxy.cfg against those that a real HAProxy uses.
@Suite struct LoadedNamesTests {
    let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    /// Each row: what stands in the global section, and after `ssl` on the bind line; `DIR` is the test's directory.
    @Test(arguments: [
        ("", "crt DIR/site.pem"), ("", "crt DIR//certs/../site.pem crt DIR/site.pem"), ("", "crt DIR/certs"),
        ("", "crt DIR/certs/ crt DIR/certs"), ("", "crt DIR/certs//"), ("", "crt DIR/pair"),
        ("", "crt DIR/certs/pair.pem"),
        ("crt-base DIR", "crt site.pem crt certs crt DIR/certs/a.pem"),
        ("crt-base DIR/certs/", "crt a.pem crt ../pair"),
        (
            "crt-base \"DIR\"",
            "crt 'certs/sp ace.pem' crt \"certs/sp ace.pem\" crt certs/sp\\ ace.pem crt \\x63erts/a.pem"
        ),
        ("crt-base DIR/certs", "crt ha\\#sh.pem crt it\\'s.pem crt \"ha#sh.pem\" # crt a.pem"),
        ("", "crt-list DIR/list"), ("crt-base DIR/certs", "crt-list DIR/list crt a.pem"),
        ("default-path config", "crt site.pem crt certs crt-list list"), ("default-path origin DIR/certs", "crt a.pem"),
        ("default-path parent\n crt-base certs", "crt-list DIR/list"),
    ])
    func `HAProxy uses the names that the configuration tells`(global: String, bind: String) async throws {
        try await lay()
        func expanded(_ text: String) -> String { text.replacing("DIR", with: scratch.path.string) }
        let haproxy = try await RunningHAProxy.start(
            """
            global
             \(expanded(global))
            frontend f
             bind \(RunningHAProxy.unusedAddress()) name ssl ssl \(expanded(bind))

            """, in: scratch)
        let used = try await show("show ssl cert", to: haproxy).filter { !$0.hasPrefix("#") }
        let lists = try await show("show ssl crt-list", to: haproxy)
        try await haproxy.stop()

        let configuration = try HAProxyConfiguration(reading: scratch.file("haproxy.cfg"))
        #expect(configuration.unreadable.isEmpty)
        #expect(Set(configuration.listeners.flatMap(\.certificates).map(\.name)) == Set(used))
        #expect(Set(configuration.listeners.flatMap(\.lists).map(\.name)) == Set(lists))
        #expect(configuration.statsSockets.map(\.path) == [haproxy.socket.string])
        for name in used { #expect(configuration.listeners(loading: name).count == 1) }
    }

    @Test func `HAProxy limits a certificate to the names that the crt-list tells`() async throws {
        try await lay()
        let list = scratch.file("list")
        let haproxy = try await RunningHAProxy.start(
            "frontend f\n bind \(RunningHAProxy.unusedAddress()) ssl crt-list \(list)\n", in: scratch)
        let shown = try await show("show ssl crt-list \(list)", to: haproxy).filter { !$0.hasPrefix("#") }
        try await haproxy.stop()

        let listener = try #require(try HAProxyConfiguration(reading: scratch.file("haproxy.cfg")).listeners.first)
        let told = listener.certificates.map { ([$0.name] + $0.serverNameFilters).joined(separator: " ") }
        #expect(told == shown.map { $0.replacing(/\ \[.*\]/, with: "") })
    }

    /// Lays out certificates and what else may lie in a directory.
    private func lay() async throws {
        let site = try await TestCertificate.make("site", in: scratch)
        let pem = try scratch.read("site.pem")
        for directory in ["certs", "certs/sub"] {
            try await requireTool("mkdir", [scratch.file(directory).string])
        }
        let names = ["a.pem", "b", "sp ace.pem", "ha#sh.pem", "it's.pem", ".hidden.pem", "pair.pem.rsa", "sub/c.pem"]
        for name in names { try scratch.write(pem, to: "certs/\(name)") }
        for name in ["pair.ecdsa", "pair.rsa"] { try scratch.write(pem, to: name) }
        try scratch.write("not loaded", to: "certs/orphan.issuer.bak.key")
        try await requireTool("ln", ["-s", site.bundle.string, scratch.file("certs/link.pem").string])
        let certs = scratch.file("certs").string
        try scratch.write(
            """
            # a comment
            \(certs)/a.pem [alpn h2] *.example.com !x.example.com

              \(certs)/b a.example.com\t
            \(certs)/sub/c.pem[verify none]
            \(scratch.path)/pair b.example.com

            """, to: "list")
    }

    private func show(_ command: String, to haproxy: RunningHAProxy) async throws -> [String] {
        let answer = try await RuntimeAPI(socket: haproxy.socket.string).send(command, nil)
        return answer.split(separator: "\n").map(String.init)
    }
}
