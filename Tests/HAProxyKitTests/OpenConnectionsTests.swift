import FoundationEssentials
import Glibc
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

/// A daemon asks HAProxy for months, so a connection that is not closed ends it in time.
@Suite struct OpenConnectionsTests {
    @Test func `no connection is left open`() async throws {
        let directory = try ScratchDirectory()
        let address = RunningHAProxy.unusedAddress()
        let certificate = try await TestCertificate.make("site", in: directory)
        let haproxy = try await RunningHAProxy.start(
            """
            listen site
                bind \(address) ssl crt \(certificate.bundle)
                server none 127.0.0.1:9

            """, in: directory)

        // In a process of its own, where no other test opens descriptors.
        await #expect(processExitsWith: .success) {
            [socket = haproxy.socket.string as String, address = address as String] in
            let api = RuntimeAPI(socket: socket)
            let target = ProbeTarget(try #require(ProbeAddress(address)), serverName: "localhost")
            func openDescriptors() throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
            }
            func ask() async throws {
                _ = try await api.processInfo()
                _ = try await HandshakeProbe.live.handshake(target)
            }
            // The first round leaves open what the process keeps for good.
            try await ask()
            let before = try openDescriptors()
            for _ in 1...5 { try await ask() }
            exit(try openDescriptors() > before ? 1 : 0)
        }
        try await haproxy.stop()
    }
}
