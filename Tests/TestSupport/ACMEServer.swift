public import SystemPackage

/// Pebble on a loopback address of its own, ended when the test lets go: `scripts/support/acme-server` tells the rest.
public final class ACMEServer: Sendable {
    /// Where everything is: the server, the port of HTTP-01 challenges, and what every name resolves to.
    public let address: String
    /// What a client has to trust for talking to the server.
    public let serverTrust: FilePath
    /// The trust anchor of what the server issues.
    public let root: FilePath
    private let process: HelperProcess

    /// The URL that clients begin with.
    public var directoryURL: String { "https://\(address):14000/dir" }

    /// Starts the server on an address of 127.0.0.0/8 that nobody else uses, after which it issues.
    public init(on address: String, in directory: ScratchDirectory) async throws {
        self.address = address
        serverTrust = directory.file("acme.pem")
        root = directory.file("root.pem")
        process = try await .start(
            packageDirectory.appending("scripts/support/acme-server"), [directory.path.string, address])
    }

    /// Ends the server and waits until it is gone.
    public func stop() async throws { try await process.stop() }
}
