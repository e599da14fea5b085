import HAProxyKit
import Testing

/// Listeners that fail a handshake in every way TCP allows.
@Suite struct HandshakeFailureTests {
    @Test(.timeLimit(.minutes(5))) func `a listener that says nothing is given up when the time is over`() async throws
    {
        let listener = try PlainListener(.silent)
        await expect(.timedOut(listener.address, during: .handshake, after: .milliseconds(200)), from: listener.address)
    }

    @Test(.timeLimit(.minutes(5))) func `a listener that does not accept is given up when the time is over`()
        async throws
    {
        let listener = try PlainListener(.full)
        await expect(
            .timedOut(listener.address, during: .connecting, after: .milliseconds(200)), from: listener.address)
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "220 mail.example.com ESMTP\r\n", "\u{16}", "\u{16}\u{1}"])
    func `a listener that does not speak TLS is told from one that closes`(answer: String) async throws {
        let listener = try PlainListener(.answers(Array(answer.utf8)))
        let isTLS = answer == "\u{16}"
        await expect(
            isTLS ? .closed(listener.address) : .notTLS(listener.address), within: .seconds(60), from: listener.address)
    }

    @Test(arguments: [PlainListener.Behaviour.closes, .resets, .answers([]), .answers([0x16, 0x03, 0x03, 0x00])])
    func `a connection that ends early is said to be closed`(behaviour: PlainListener.Behaviour) async throws {
        let listener = try PlainListener(behaviour)
        await expect(.closed(listener.address), within: .seconds(60), from: listener.address)
    }

    @Test func `an alert is named`() async throws {
        let listener = try PlainListener(.answers([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 112]))
        await expect(
            .alert(listener.address, serverName: "localhost", name: "unrecognized name"), within: .seconds(60),
            from: listener.address)
    }

    @Test func `a record that libssl refuses is said in its words`() async throws {
        let listener = try PlainListener(.answers([0x16, 0x03, 0x03, 0x00, 0x04, 0xff, 0x00, 0x00, 0x00]))
        await expect(
            .failed(listener.address, reason: "unexpected message"), within: .seconds(60), from: listener.address)
    }

    @Test func `nothing that listens is said to be refused`() async throws {
        let address = try PlainListener(.silent).address
        await expect(.refused(address), within: .seconds(60), from: address)
    }

    @Test func `an address that no network leads to is unreachable`() async throws {
        let address = try #require(ProbeAddress("255.255.255.255:443"))
        let error = await #expect(throws: ProbeError.self) {
            try await HandshakeProbe.live.handshake(ProbeTarget(address, serverName: "localhost"))
        }
        guard case .unreachable(address, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a host that nobody knows is unresolved`() async throws {
        let address = try #require(ProbeAddress("nobody.invalid:443"))
        let error = await #expect(throws: ProbeError.self) {
            try await HandshakeProbe.live.handshake(ProbeTarget(address, serverName: "localhost"))
        }
        guard case .unresolved(address, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: ["exämple.com", "a\u{0}b", "a b", "a$(b)", "*.example.com", String(repeating: "a", count: 256)])
    func `a name that cannot be sent is refused before anything is sent`(name: String) async throws {
        let listener = try PlainListener(.closes)
        await #expect(throws: ProbeError.unusableServerName(listener.address, serverName: name)) {
            try await HandshakeProbe.live.handshake(ProbeTarget(listener.address, serverName: name))
        }
    }

    @Test func `only what accepted the connection counts as up`() throws {
        let address = try #require(ProbeAddress("127.0.0.1:443"))
        #expect(!ProbeError.refused(address).wasAccepted)
        #expect(!ProbeError.timedOut(address, during: .connecting, after: .seconds(1)).wasAccepted)
        #expect(ProbeError.timedOut(address, during: .handshake, after: .seconds(1)).wasAccepted)
        #expect(ProbeError.closed(address).wasAccepted)
    }

    private func expect(
        _ error: ProbeError, within timeout: Duration = .milliseconds(200), from address: ProbeAddress,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        await #expect(throws: error, sourceLocation: sourceLocation) {
            try await HandshakeProbe.live.handshake(
                ProbeTarget(address, serverName: "localhost", timeout: timeout))
        }
    }
}
