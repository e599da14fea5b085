import CertKit
import HAProxyKit
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Against a real HAProxy: whatever fails, the old certificate is served and no transaction is left open.
@Suite struct CertificateUpdateTests {
    @Test func `a companion that HAProxy does not take is named, and the certificate is committed`() async throws {
        let haproxy = try await LiveHAProxy.start()
        let companion = CompanionPayload(.sctl, text: SecretBytes(copying: Array("AAAA\n".utf8).span))

        let refused = try await haproxy.api.replaceCertificate(
            named: haproxy.site.name, with: haproxy.renewed.bundleBytes(), companions: [companion])

        #expect(refused.map(\.kind) == [.sctl])
        #expect(refused.first?.reason.contains("Can't load the payload") == true)
        #expect(try await haproxy.loaded(haproxy.site) == haproxy.sha1(of: haproxy.renewed))
        #expect(try await haproxy.api.openTransaction() == nil)
    }

    @Test func `a companion that is too large is not sent`() async throws {
        let haproxy = try await LiveHAProxy.start()
        let refused = try await haproxy.api.replaceCertificate(
            named: haproxy.site.name, with: haproxy.renewed.bundleBytes(),
            companions: [CompanionPayload(.issuer, text: pemText(bytes: 16_000))])
        #expect(refused.first?.reason.contains("bytes are more than the 15360") == true)
        #expect(try await haproxy.loaded(haproxy.site) == haproxy.sha1(of: haproxy.renewed))
    }

    @Test func `where another client ends the transaction between certificate and companion, nothing is committed`()
        async throws
    {
        let haproxy = try await LiveHAProxy.start()
        let raced = haproxy.api(before: "set ssl cert \(haproxy.site.name).issuer") {
            try? await haproxy.api.abortTransaction(named: haproxy.site.name)
        }
        let issuer = try haproxy.directory.read("other.crt")
        await #expect(
            throws: RuntimeError.transactionLost(name: haproxy.site.name, socket: haproxy.process.socket.string)
        ) {
            try await raced.replaceCertificate(
                named: haproxy.site.name, with: haproxy.renewed.bundleBytes(),
                companions: [CompanionPayload(.issuer, text: SecretBytes(copying: Array(issuer.utf8).span))])
        }
        try await haproxy.expectUnchanged()
    }

    @Test func `another client's open transaction is left alone`() async throws {
        let haproxy = try await LiveHAProxy.start()
        try await haproxy.openTransaction(for: haproxy.site, with: haproxy.renewed)
        for wanted in [haproxy.site.name, haproxy.other.name] {
            await #expect(throws: haproxy.foreignTransaction(for: haproxy.site, wanted: wanted)) {
                try await haproxy.api.replaceCertificate(named: wanted, with: haproxy.renewed.bundleBytes())
            }
        }
        #expect(try await haproxy.api.openTransaction() == haproxy.site.name)
        try await haproxy.expectUnchanged(transaction: haproxy.site)
    }

    @Test func `our bytes never get into another certificate by a transaction opened after the look`() async throws {
        let haproxy = try await LiveHAProxy.start()
        let raced = haproxy.api(before: "set ssl cert") {
            try? await haproxy.openTransaction(for: haproxy.site, with: haproxy.renewed)
        }
        await #expect(throws: haproxy.foreignTransaction(for: haproxy.site, wanted: haproxy.other.name)) {
            try await raced.replaceCertificate(named: haproxy.other.name, with: haproxy.other.bundleBytes())
        }
        let committed = try await haproxy.api.send("commit ssl cert \(haproxy.site.name)", nil)
        #expect(!committed.contains("Success!"))
        try await haproxy.expectUnchanged()
    }

    @Test func `a client that raced in once is overcome, one that keeps racing is named`() async throws {
        let haproxy = try await LiveHAProxy.start()
        let races = Mutex(Int.max)
        let raced = haproxy.api(before: "set ssl cert") {
            let races = races.withLock { left in
                left -= 1
                return left >= 0
            }
            if races { try? await haproxy.openTransaction(for: haproxy.site, with: haproxy.site) }
        }
        await #expect(throws: haproxy.foreignTransaction(for: haproxy.site, wanted: haproxy.site.name)) {
            try await raced.replaceCertificate(named: haproxy.site.name, with: haproxy.renewed.bundleBytes())
        }
        try await haproxy.expectUnchanged()

        races.withLock { $0 = 1 }
        try await raced.replaceCertificate(named: haproxy.site.name, with: haproxy.renewed.bundleBytes())
        #expect(try await haproxy.loaded(haproxy.site) == haproxy.sha1(of: haproxy.renewed))
        #expect(try await haproxy.api.openTransaction() == nil)
    }

    @Test func `a transaction that vanishes before the commit is an error`() async throws {
        let haproxy = try await LiveHAProxy.start()
        let raced = haproxy.api(before: "commit ssl cert") {
            try? await haproxy.api.abortTransaction(named: haproxy.site.name)
        }
        await #expect(
            throws: RuntimeError.transactionLost(name: haproxy.site.name, socket: haproxy.process.socket.string)
        ) { try await raced.replaceCertificate(named: haproxy.site.name, with: haproxy.renewed.bundleBytes()) }
        try await haproxy.expectUnchanged()
    }

    @Test func `another client's transaction at the commit is an error, and stays`() async throws {
        let haproxy = try await LiveHAProxy.start()
        let raced = haproxy.api(before: "commit ssl cert") {
            try? await haproxy.api.abortTransaction(named: haproxy.site.name)
            try? await haproxy.openTransaction(for: haproxy.other, with: haproxy.renewed)
        }
        await #expect(throws: haproxy.foreignTransaction(for: haproxy.other, wanted: haproxy.site.name)) {
            try await raced.replaceCertificate(named: haproxy.site.name, with: haproxy.renewed.bundleBytes())
        }
        try await haproxy.expectUnchanged(transaction: haproxy.other)
    }

    @Test func `a HAProxy killed between set and commit is down`() async throws {
        let haproxy = try await LiveHAProxy.start()
        let dying = haproxy.api(before: "commit ssl cert") { try? await haproxy.process.kill() }
        let error = await #expect(throws: RuntimeError.self) {
            try await dying.replaceCertificate(named: haproxy.site.name, with: haproxy.renewed.bundleBytes())
        }
        #expect(error?.isDown == true)
    }

    @Test func `a HAProxy restarted between set and commit has lost the transaction`() async throws {
        let haproxy = try await LiveHAProxy.start()
        let restarted = Mutex<RunningHAProxy?>(nil)
        let raced = haproxy.api(before: "commit ssl cert") {
            try? await haproxy.process.kill()
            let process = try? await RunningHAProxy.start(haproxy.configuration, in: haproxy.directory)
            restarted.withLock { $0 = process }
        }
        await #expect(
            throws: RuntimeError.transactionLost(name: haproxy.site.name, socket: haproxy.process.socket.string)
        ) { try await raced.replaceCertificate(named: haproxy.site.name, with: haproxy.renewed.bundleBytes()) }
        try await haproxy.expectUnchanged()
        try await restarted.withLock { $0 }?.stop()
    }

    @Test(arguments: Refused.allCases)
    func `what HAProxy refuses is not served and leaves no transaction`(refused: Refused) async throws {
        let haproxy = try await LiveHAProxy.start()
        let pem = try refused.pem(haproxy)
        let error = await #expect(throws: RuntimeError.self) {
            try await haproxy.api.replaceCertificate(named: haproxy.site.name, with: SecretBytes(copying: pem.span))
        }
        guard case .rejected(let name, let answer, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(name == haproxy.site.name)
        #expect(answer.contains(refused.rawValue))
        try await haproxy.expectUnchanged()
    }

    enum Refused: String, CaseIterable {
        case foreignKey = "inconsistencies between private key and certificate"
        case noKey = "must contain at least a certificate and a private key"
        case noPEM = "unable to load certificate"
        case cutKey = "unable to load"

        func pem(_ haproxy: LiveHAProxy) throws -> [UInt8] {
            let leaf = try haproxy.directory.read("renewed.crt")
            let key = try haproxy.directory.read("renewed.key")
            return switch self {
            case .foreignKey: Array((leaf + (try haproxy.directory.read("other.key"))).utf8)
            case .noKey: Array(leaf.utf8)
            case .noPEM: Array("no PEM at all\n".utf8)
            case .cutKey: Array("\(key.prefix(100))\n".utf8)
            }
        }
    }

    @Test func `a name that HAProxy has not loaded is named`() async throws {
        let haproxy = try await LiveHAProxy.start()
        let name = haproxy.directory.path.string + "//site.pem"
        await #expect(throws: RuntimeError.unknownName(name, socket: haproxy.process.socket.string)) {
            try await haproxy.api.replaceCertificate(named: name, with: haproxy.renewed.bundleBytes())
        }
        try await haproxy.expectUnchanged()
    }

    /// 15 KiB of HAProxy's 16, or as much of the buffer that is configured; a larger one may not be in use yet.
    @Test(arguments: [("", 15_360), ("global\n tune.bufsize 8192\n", 7680), ("global\n tune.bufsize 65536\n", 15_360)])
    func `a payload that may not fit is refused before a byte of it is sent`(global: String, limit: Int) async throws {
        let haproxy = try await LiveHAProxy.start(global)
        let sent = Mutex<[String]>([])
        var api = RuntimeAPI(path: "s") { command, payload throws(RuntimeError) in
            sent.withLock { $0.append(command) }
            return try await haproxy.api.send(command, payload)
        }
        let configuration = try HAProxyConfiguration(reading: haproxy.directory.file("haproxy.cfg"))
        api.bufferSize = configuration.bufferSize
        let fits = limit - "set ssl cert \(haproxy.site.name) <<\n\n\n".utf8.count
        let error = await #expect(throws: RuntimeError.self) {
            try await api.replaceCertificate(named: haproxy.site.name, with: pemText(bytes: fits + 1))
        }
        guard case .tooLarge(_, limit + 1, limit, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(sent.withLock { $0 } == ["show info"])
        try await haproxy.expectUnchanged()
        // The largest that may be sent is taken by this HAProxy, and refused only for what it holds.
        let text = pemText(bytes: fits)
        let taken = await #expect(throws: RuntimeError.self) {
            try await haproxy.api.replaceCertificate(named: haproxy.site.name, with: text)
        }
        guard case .rejected = taken else {
            Issue.record("\(String(describing: taken))")
            return
        }
    }

    @Test(arguments: ["operator", "user"])
    func `a socket of a lower level cannot change certificates`(level: String) async throws {
        let haproxy = try await LiveHAProxy.start("global\n stats socket DIR/low.sock mode 600 level \(level)\n")
        let path = haproxy.directory.file("low.sock").string
        let error = await #expect(throws: RuntimeError.self) {
            try await RuntimeAPI(socket: path).replaceCertificate(
                named: haproxy.site.name, with: haproxy.renewed.bundleBytes())
        }
        guard case .levelTooLow(path, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.remedy.contains("level admin") == true)
        try await haproxy.expectUnchanged()
    }

    @Test func `aborting where nothing is open is no error, another's transaction is`() async throws {
        let haproxy = try await LiveHAProxy.start()
        try await haproxy.api.abortTransaction(named: haproxy.site.name)
        try await haproxy.openTransaction(for: haproxy.site, with: haproxy.renewed)
        await #expect(throws: haproxy.foreignTransaction(for: haproxy.site, wanted: haproxy.other.name)) {
            try await haproxy.api.abortTransaction(named: haproxy.other.name)
        }
        try await haproxy.api.abortTransaction(named: haproxy.site.name)
        try await haproxy.expectUnchanged()
    }
}

extension LiveHAProxy {
    /// Opens a transaction as another client does.
    func openTransaction(for certificate: TestCertificate, with new: TestCertificate) async throws {
        _ = try await api.send("set ssl cert \(certificate.name)", new.bundleBytes())
    }

    func foreignTransaction(for certificate: TestCertificate, wanted: String) -> RuntimeError {
        .foreignTransaction(name: certificate.name, wanted: wanted, socket: process.socket.string)
    }

    /// The API with something happening before each command that begins with `command`.
    func api(before command: String, _ happening: @escaping @Sendable () async -> Void) -> RuntimeAPI {
        let api = api
        return RuntimeAPI(path: process.socket.string) { sent, payload throws(RuntimeError) in
            if sent.hasPrefix(command) { await happening() }
            return try await api.send(sent, payload)
        }
    }

    func expectUnchanged(transaction: TestCertificate? = nil) async throws {
        #expect(try await loaded(site) == sha1(of: site))
        #expect(try await loaded(other) == sha1(of: other))
        #expect(try await api.openTransaction() == transaction?.name)
    }
}
