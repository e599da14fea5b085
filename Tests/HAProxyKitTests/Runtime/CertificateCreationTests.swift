import CertKit
import HAProxyKit
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite struct CertificateCreationTests {
    @Test func `a new file of a directory is served at once`() async throws {
        let haproxy = try await LiveDirectory.start()
        try await haproxy.api.createCertificate(
            named: haproxy.new.name, in: haproxy.certificates, with: haproxy.new.bundleBytes())
        let loaded = try await haproxy.api.certificate(named: haproxy.new.name)
        #expect(loaded?.status == .used)
        let shown = try await runTool(
            "openssl", ["s_client", "-connect", haproxy.address, "-servername", "new.example"])
        #expect(shown.output.contains("subject=CN = new.example"))
        await #expect(throws: RuntimeError.alreadyExists(haproxy.new.name, socket: haproxy.api.path)) {
            try await haproxy.api.createCertificate(
                named: haproxy.new.name, in: haproxy.certificates, with: haproxy.new.bundleBytes())
        }
        #expect(try await haproxy.api.certificate(named: haproxy.new.name) == loaded)
    }

    @Test func `what was added is taken back, and nobody serves it any more`() async throws {
        let haproxy = try await LiveDirectory.start()
        try await haproxy.api.createCertificate(
            named: haproxy.new.name, in: haproxy.certificates, with: haproxy.new.bundleBytes())
        try await haproxy.api.deleteCertificate(named: haproxy.new.name, in: haproxy.certificates)
        try await haproxy.expectForgotten()
        let shown = try await runTool(
            "openssl", ["s_client", "-connect", haproxy.address, "-servername", "new.example"])
        #expect(shown.output.contains("subject=CN = first.example"))
    }

    @Test func `a certificate that was loaded but never listed is taken back too`() async throws {
        let haproxy = try await LiveDirectory.start()
        _ = try await haproxy.api.send("new ssl cert \(haproxy.new.name)", nil)
        try await haproxy.api.deleteCertificate(named: haproxy.new.name, in: haproxy.certificates)
        try await haproxy.expectForgotten()
    }

    @Test func `what HAProxy does not know cannot be taken back`() async throws {
        let haproxy = try await LiveDirectory.start()
        await #expect(throws: RuntimeError.self) {
            try await haproxy.api.deleteCertificate(named: haproxy.new.name, in: haproxy.certificates)
        }
        try await haproxy.expectForgotten()
    }

    @Test func `what another list serves too is not forgotten`() async throws {
        let haproxy = try await LiveDirectory.start()
        try await haproxy.api.createCertificate(
            named: haproxy.new.name, in: haproxy.certificates, with: haproxy.new.bundleBytes())
        await #expect(throws: RuntimeError.self) {
            try await haproxy.api.deleteCertificate(named: haproxy.new.name, in: "/no/such/list")
        }
        #expect(try await haproxy.api.certificate(named: haproxy.new.name)?.status == .used)
    }

    @Test func `what cannot be listed is forgotten again`() async throws {
        let haproxy = try await LiveDirectory.start()
        let error = await #expect(throws: RuntimeError.self) {
            try await haproxy.api.createCertificate(
                named: haproxy.new.name, in: "/no/such/list", with: haproxy.new.bundleBytes())
        }
        guard case .notListed(haproxy.new.name, "/no/such/list", let answer, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(answer.contains("does not exist"))
        try await haproxy.expectForgotten()
    }

    @Test func `what HAProxy refuses is forgotten again`() async throws {
        let haproxy = try await LiveDirectory.start()
        await #expect(throws: RuntimeError.self) {
            try await haproxy.api.createCertificate(
                named: haproxy.new.name, in: haproxy.certificates, with: pemText(bytes: 100))
        }
        try await haproxy.expectForgotten()
    }

    @Test func `another client's transaction is left alone, and nothing is made`() async throws {
        let haproxy = try await LiveDirectory.start()
        let first = try #require(try await haproxy.api.certificateNames().first)
        _ = try await haproxy.api.send("set ssl cert \(first)", haproxy.new.bundleBytes())
        await #expect(
            throws: RuntimeError.foreignTransaction(name: first, wanted: haproxy.new.name, socket: haproxy.api.path)
        ) {
            try await haproxy.api.createCertificate(
                named: haproxy.new.name, in: haproxy.certificates, with: haproxy.new.bundleBytes())
        }
        #expect(try await haproxy.api.openTransaction() == first)
        #expect(try await haproxy.api.certificate(named: haproxy.new.name) == nil)
    }

    @Test(arguments: ["set ssl cert", "add ssl crt-list"])
    func `what an interrupted run left behind is gone on with`(interruptedBefore command: String) async throws {
        let haproxy = try await LiveDirectory.start()
        let interrupted = Mutex(false)
        let api = RuntimeAPI(path: haproxy.api.path) { sent, payload throws(RuntimeError) in
            if sent.hasPrefix(command) { interrupted.withLock { $0 = true } }
            if interrupted.withLock({ $0 }) { throw .closed(socket: "s", command: sent) }
            return try await haproxy.api.send(sent, payload)
        }
        await #expect(throws: RuntimeError.closed(socket: "s", command: "\(command) \(haproxy.words(of: command))")) {
            try await api.createCertificate(
                named: haproxy.new.name, in: haproxy.certificates, with: haproxy.new.bundleBytes())
        }
        #expect(try await haproxy.api.certificate(named: haproxy.new.name) != nil)
        try await haproxy.api.createCertificate(
            named: haproxy.new.name, in: haproxy.certificates, with: haproxy.new.bundleBytes())
        #expect(try await haproxy.api.certificate(named: haproxy.new.name)?.status == .used)
    }
}

/// A real HAProxy that serves a directory with one certificate, and a certificate to add.
private struct LiveDirectory {
    let directory: ScratchDirectory
    let process: RunningHAProxy
    let address: String
    let certificates: String
    let new: TestCertificate
    let api: RuntimeAPI

    static func start() async throws -> LiveDirectory {
        let directory = try ScratchDirectory()
        let certificates = directory.file("certs").string
        let first = try await TestCertificate.make("first", in: directory, names: ["first.example"])
        try await requireTool("install", ["-D", first.bundle.string, certificates + "/first.pem"])
        let address = RunningHAProxy.unusedAddress()
        let process = try await RunningHAProxy.start(
            "frontend tls\n    bind \(address) ssl crt \(certificates)/\n", in: directory)
        // HAProxy takes into a directory's list only what would be found in the directory.
        let made = try await TestCertificate.make("new", in: directory, names: ["new.example"])
        let new = TestCertificate(
            certificate: made.certificate, key: made.key, bundle: FilePath("\(certificates)/new.pem"))
        try await requireTool("install", ["-m", "600", made.bundle.string, new.name])
        return LiveDirectory(
            directory: directory, process: process, address: address, certificates: certificates, new: new,
            api: RuntimeAPI(socket: process.socket.string))
    }

    func words(of command: String) -> String {
        command.hasPrefix("add") ? "\(certificates) \(new.name)" : new.name
    }

    func expectForgotten() async throws {
        #expect(try await api.certificate(named: new.name) == nil)
        #expect(try await api.openTransaction() == nil)
    }
}
