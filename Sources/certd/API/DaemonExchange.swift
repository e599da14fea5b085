import CertKit
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import SystemPackage

/// One request to the daemon and its answer, over a connection of their own.
struct DaemonExchange: Sendable {
    /// An answer longer than this, in bytes, is none of certd's.
    private static let answerLimit = 16 << 20
    private static let connectionLimit = TimeAmount.seconds(5)

    private typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    let socket: FilePath
    /// The users whose daemon is believed.
    let trusted: Set<UInt32>

    /// Sends `body` and waits for the answer, at most for `limit`.
    ///
    /// - Returns: nil where nobody listens.
    /// - Throws: ``HandOverError``.
    func send(
        _ method: HTTPMethod, _ path: String, _ body: [UInt8], within limit: Duration?
    ) async throws -> (status: UInt, body: [UInt8])? {
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let outcome: Result<(status: UInt, body: [UInt8])?, any Error>
        do {
            outcome = .success(try await exchange(method, path, body, within: limit, on: loop))
        } catch {
            outcome = .failure(error)
        }
        try await loop.shutdownGracefully()
        return try outcome.get()
    }

    private func exchange(
        _ method: HTTPMethod, _ path: String, _ body: [UInt8], within limit: Duration?,
        on loop: MultiThreadedEventLoopGroup
    ) async throws -> (status: UInt, body: [UInt8])? {
        let connection: Connection
        do {
            connection = try await connect(on: loop)
        } catch let error as IOError where [ECONNREFUSED, ENOENT].contains(error.errnoCode) {
            return nil
        } catch let error as IOError {
            throw HandOverError.unreachable(socket, Errno(rawValue: error.errnoCode))
        } catch is ChannelError {
            throw HandOverError.unreachable(socket, .timedOut)
        }
        return try await withThrowingTaskGroup(of: (status: UInt, body: [UInt8]).self) { group in
            group.addTask { try await converse(method, path, body, over: connection) }
            if let limit {
                group.addTask {
                    try await Task.sleep(for: limit)
                    throw HandOverError.silent(socket, limit)
                }
            }
            defer { group.cancelAll() }
            return try await group.next()
        }
    }

    private func connect(on loop: MultiThreadedEventLoopGroup) async throws -> Connection {
        try await ClientBootstrap(group: loop).connectTimeout(DaemonExchange.connectionLimit)
            .connect(unixDomainSocketPath: socket.string) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
    }

    private func converse(
        _ method: HTTPMethod, _ path: String, _ body: [UInt8], over connection: Connection
    ) async throws -> (status: UInt, body: [UInt8]) {
        do {
            return try await connection.executeThenClose { inbound, outbound in
                let user = try await Peer(of: connection.channel).user
                guard trusted.contains(user) else { throw HandOverError.foreign(socket, user: user) }
                let fields: HTTPHeaders = [
                    "Host": "certd", "Content-Type": "application/json", "Content-Length": "\(body.count)",
                    "Connection": "close", "Cache-Control": "no-cache",
                ]
                let head = HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: fields)
                try await outbound.write(
                    contentsOf: [.head(head), .body(.byteBuffer(ByteBuffer(bytes: body))), .end(nil)])
                return try await read(inbound)
            }
        } catch let error as HandOverError {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch let error as HTTPParserError where error != .invalidEOFState {
            throw HandOverError.notUnderstood(socket)
        } catch {
            // The connection broke, or ended in the middle.
            throw HandOverError.ended(socket)
        }
    }

    private func read(
        _ inbound: NIOAsyncChannelInboundStream<HTTPClientResponsePart>
    ) async throws -> (status: UInt, body: [UInt8]) {
        var status: UInt = 0
        var body: [UInt8] = []
        for try await part in inbound {
            switch part {
            case .head(let head): status = head.status.code
            case .body(let bytes):
                body += bytes.readableBytesView
                guard body.count <= DaemonExchange.answerLimit else { throw HandOverError.notUnderstood(socket) }
            case .end: return (status, body)
            }
        }
        throw HandOverError.ended(socket)
    }
}
