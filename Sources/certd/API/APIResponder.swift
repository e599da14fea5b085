import FoundationEssentials
import Glibc
import HTTPTypes
import HummingbirdCore
import NIOCore

/// What the daemon answers to whom on its socket.
///
/// Whoever may connect may read the status, which holds no secrets; deployments are taken from root and from the daemon's
/// own user.
struct APIResponder: Sendable {
    /// A request larger than this, in bytes, is none of certd's.
    static let bodyLimit = 64 << 10
    let status: @Sendable () async throws -> StatusDocument
    let desk: DeploymentDesk
    /// How long a request may take to arrive.
    var arrivalLimit = TimeAmount.seconds(10)

    /// Answers one request. Concurrent, as the server is that lends the writer.
    @concurrent
    func respond(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
        let reply = await reply(to: request, on: channel)
        let type: HTTPField = HTTPField(name: .contentType, value: "application/json")
        let fields: HTTPFields = [
            .contentLength: "\(reply.body.count)", .connection: "close", .cacheControl: "no-store",
        ]
        let head = HTTPResponse(status: reply.status, headerFields: HTTPFields([type] + fields))
        try await writer.write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body)))
        // What a client still sends is not read.
        try await channel.close(mode: .output)
    }

    private func reply(to request: Request, on channel: any Channel) async -> Reply {
        do {
            switch (request.uri.path, request.method) {
            case (APIPath.status, .get): return Reply(.ok, Array(try await status().json().utf8))
            case (APIPath.deploy, .post): return try await deploy(request, on: channel)
            case (APIPath.status, _), (APIPath.deploy, _):
                return .refusal(.methodNotAllowed, "\(request.method) is not possible here", "see: certd help deploy")
            default: return .refusal(.notFound, "this certd knows no such request", Reply.otherVersion)
            }
        } catch {
            return .refusal(.internalServerError, "\(error)", "see: journalctl -u certd")
        }
    }

    private func deploy(_ request: Request, on channel: any Channel) async throws -> Reply {
        let caller = try await Peer(of: channel).user
        guard caller == 0 || caller == geteuid() else {
            return .refusal(
                .forbidden, "user \(caller) may not have certificates deployed", "run it as root: sudo certd deploy")
        }
        // However slowly it comes, in the end the connection is free for others.
        let late = channel.eventLoop.scheduleTask(in: arrivalLimit) { channel.close(promise: nil) }
        defer { late.cancel() }
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: APIResponder.bodyLimit)
        } catch is NIOTooManyBytesError {
            return .refusal(
                .contentTooLarge, "the request is larger than \(APIResponder.bodyLimit) bytes",
                "name fewer lineages at a time")
        }
        late.cancel()
        guard let order = try? JSONDecoder().decode(DeploymentRequest.self, from: Data(body.readableBytesView)) else {
            return .refusal(.badRequest, "the request is not understood", Reply.otherVersion)
        }
        switch await desk.take(order, from: caller) {
        case .answer(let answer): return try Reply(.ok, encoding: answer)
        case .notMine(let reason): return .refusal(.conflict, reason, "carry it out without the daemon")
        }
    }
}

/// A status and a body.
private struct Reply {
    static let otherVersion = "have daemon and command of one version: systemctl restart certd"

    let status: HTTPResponse.Status
    let body: [UInt8]

    init(_ status: HTTPResponse.Status, _ body: [UInt8]) { (self.status, self.body) = (status, body) }

    init(_ status: HTTPResponse.Status, encoding value: some Encodable) throws {
        self.init(status, Array(try JSONEncoder().encode(value)))
    }

    static func refusal(_ status: HTTPResponse.Status, _ error: String, _ remedy: String) -> Reply {
        // Two texts can always be encoded; if not, the status still tells.
        (try? Reply(status, encoding: APIRefusal(error: error, remedy: remedy))) ?? Reply(status, [])
    }
}
