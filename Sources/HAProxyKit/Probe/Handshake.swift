internal import SystemPackage

/// One handshake, from resolving the host to closing the connection; blocks its thread.
struct Handshake {
    private let target: ProbeTarget
    private let deadline: Deadline

    init(with target: ProbeTarget) {
        self.target = target
        deadline = Deadline(after: target.timeout)
    }

    func run() throws(ProbeError) -> ServedChain {
        let connection = try makeConnection()
        let socket = try connect()
        try negotiate(connection, over: socket)
        let certificates = connection.peerCertificates()
        guard let leaf = certificates.first else { throw .noCertificate(target.address) }
        // A TLS 1.3 server judges the client only now. Whether it still listens changes nothing about what it served.
        connection.close()
        try? socket.send(connection.takeOutput().span)
        socket.finishSending()
        return ServedChain(leaf: leaf, others: Array(certificates.dropFirst()))
    }

    private func makeConnection() throws(ProbeError) -> TLSConnection {
        do throws(TLSFailure) {
            let connection = try TLSConnection(in: TLSContext.shared(for: target.algorithm))
            if let name = target.serverNameIndication { try connection.setServerName(name) }
            return connection
        } catch {
            throw diagnosis(of: error)
        }
    }

    private func connect() throws(ProbeError) -> ProbeSocket {
        let addresses = try ResolvedAddresses(of: target.address)
        do throws(ProbeSocket.Failure) {
            return try ProbeSocket.connect(to: addresses, by: deadline)
        } catch {
            throw diagnosis(of: error, during: .connecting)
        }
    }

    /// Carries bytes between libssl and the socket until the handshake is complete.
    private func negotiate(
        _ connection: borrowing TLSConnection, over socket: borrowing ProbeSocket
    ) throws(ProbeError) {
        var hasAnswered = false
        while try advance(connection) == .needsInput {
            let input = try exchange(connection.takeOutput(), over: socket)
            guard !input.isEmpty else { throw .closed(target.address) }
            guard hasAnswered || beginsTLSRecord(input) else { throw .notTLS(target.address) }
            hasAnswered = true
            connection.put(input.span)
        }
    }

    private func advance(_ connection: borrowing TLSConnection) throws(ProbeError) -> TLSConnection.Progress {
        do throws(TLSFailure) {
            return try connection.handshake()
        } catch {
            guard case .alert = error, connection.clientCertificateWasRequested else { throw diagnosis(of: error) }
            throw .clientCertificateRequired(target.address)
        }
    }

    /// Sends `output` and gives what comes back; nothing when the peer has closed.
    private func exchange(_ output: [UInt8], over socket: borrowing ProbeSocket) throws(ProbeError) -> [UInt8] {
        do throws(ProbeSocket.Failure) {
            try socket.send(output.span)
            return try socket.receive()
        } catch {
            throw diagnosis(of: error, during: .handshake)
        }
    }

    /// A server's first record is of type handshake or alert, and of a version that begins with 3 (RFC 8446 section 5.1).
    private func beginsTLSRecord(_ bytes: [UInt8]) -> Bool {
        [0x16, 0x15].contains(bytes[0]) && (bytes.count < 2 || bytes[1] == 0x03)
    }

    private func diagnosis(of failure: ProbeSocket.Failure, during phase: ProbeError.Phase) -> ProbeError {
        switch (failure, phase) {
        case (.timedOut, _), (.system(.timedOut), _):
            .timedOut(target.address, during: phase, after: target.timeout)
        case (.system, .handshake): .closed(target.address)
        case (.system(.connectionRefused), .connecting): .refused(target.address)
        case (.system(let errno), .connecting): .unreachable(target.address, reason: "\(errno)")
        }
    }

    private func diagnosis(of failure: TLSFailure) -> ProbeError {
        switch failure {
        case .alert(let name): .alert(target.address, serverName: target.serverName, name: name)
        case .chainTooLarge: .chainTooLarge(target.address, limit: TLSContext.maximumCertificateBytes)
        case .unusableServerName: .unusableServerName(target.address, serverName: target.serverName)
        case .other(let reason): .failed(target.address, reason: reason)
        }
    }
}
