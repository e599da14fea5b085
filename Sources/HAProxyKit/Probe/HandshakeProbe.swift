/// Looks at what a TLS server serves, by making a handshake and judging nothing.
public struct HandshakeProbe: Sendable {
    /// Makes one handshake and tells what the server sent.
    public var handshake: @Sendable (_ target: ProbeTarget) async throws(ProbeError) -> ServedChain

    /// Makes a probe of one's own, as tests do.
    public init(handshake: @escaping @Sendable (_ target: ProbeTarget) async throws(ProbeError) -> ServedChain) {
        self.handshake = handshake
    }

    /// Connects for real, with TLS 1.2 or 1.3; nothing is verified, since fingerprints are compared later.
    ///
    /// Every connection is closed before the probe ends, and a probe ends by its timeout also when its task is cancelled.
    public static let live = HandshakeProbe { (target) async throws(ProbeError) in
        try await awaiting("certd.probe") {
            Result { () throws(ProbeError) in try Handshake(with: target).run() }
        }.get()
    }
}
