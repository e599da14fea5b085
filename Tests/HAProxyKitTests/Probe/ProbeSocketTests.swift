import SystemPackage
import Testing

@testable import HAProxyKit

@Suite struct ProbeSocketTests {
    @Test(.timeLimit(.minutes(5))) func `a peer that is gone is an error and not the end of certd`() throws {
        let listener = try PlainListener(.closes)
        let socket = try ProbeSocket.connect(
            to: ResolvedAddresses(of: listener.address), by: Deadline(after: .seconds(60)))
        #expect(try socket.receive().isEmpty)
        var failure: ProbeSocket.Failure?
        // The first bytes make the peer's kernel answer with a reset; the next ones would raise SIGPIPE.
        while failure == nil {
            do throws(ProbeSocket.Failure) {
                try socket.send([0x16].span)
            } catch {
                failure = error
            }
        }
        #expect(failure == .system(.brokenPipe) || failure == .system(.connectionReset))
    }

    @Test func `a host with several addresses is tried until one accepts`() throws {
        // `localhost` is ::1 and 127.0.0.1 where IPv6 is on; this listens on the second only.
        let listener = try PlainListener(.silent)
        let address = try #require(ProbeAddress("localhost:\(listener.address.port)"))
        _ = try ProbeSocket.connect(to: ResolvedAddresses(of: address), by: Deadline(after: .seconds(60)))
    }
}
