import FoundationEssentials
import Glibc
import HTTPTypes
import HummingbirdCore
import NIOCore

/// What the daemon answers to whom.
///
/// Whoever may connect may read, for there are no secrets in it. Deployments are taken on the Unix socket alone, from root
/// and from the daemon's own user.
struct APIResponder: Sendable {
    /// A request larger than this, in bytes, is none of certd's.
    static let bodyLimit = 64 << 10
    private static let pathLimit = 2048
    private static let reading: [HTTPRequest.Method] = [.get, .head]

    let status: StatusDesk
    let health: DaemonHealth
    let figures: DaemonFigures
    /// Takes deployments; nil where none are taken.
    let desk: DeploymentDesk?

    /// The same for clients of whom nothing is known.
    var readOnly: APIResponder { APIResponder(status: status, health: health, figures: figures, desk: nil) }

    /// Answers one request. Concurrent, as the server is that lends the writer.
    @concurrent
    func respond(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
        let reply = await reply(to: request, on: channel)
        try await channel.triggerUserOutboundEvent(ConnectionGuard.Moment.answering)
        let body = request.method == .head ? ResponseBody() : ResponseBody(byteBuffer: reply.body)
        try await writer.write(response: reply.head, body: body)
        try await channel.triggerUserOutboundEvent(ConnectionGuard.Moment.answered)
    }

    private func reply(to request: Request, on channel: any Channel) async -> Reply {
        guard request.head.path?.utf8.count ?? 0 <= APIResponder.pathLimit else {
            return .refusal(.uriTooLong, "the path is longer than \(APIResponder.pathLimit) bytes", "ask for less")
        }
        guard desk != nil || request.isForThisHost else {
            // A name that somebody else resolves to this address: a page of theirs would read the answer.
            return .refusal(
                .misdirectedRequest, "the host that is asked for is not this one",
                "name it by its address, or localhost; a proxy in front has to set that")
        }
        let path = request.uri.path
        if path == APIPath.deploy { return await deployment(request, on: channel) }
        guard let page = APIPath.Page(rawValue: path) else {
            return .refusal(.notFound, "this certd knows no such request", Reply.otherVersion)
        }
        guard APIResponder.reading.contains(request.method) else {
            return .refusal(of: request.method, allowed: APIResponder.reading)
        }
        guard !request.announcesBody else {
            return .refusal(.badRequest, "\(request.method) takes no body", "ask without one")
        }
        do {
            try await channel.triggerUserOutboundEvent(ConnectionGuard.Moment.arrived)
            return try await reply(with: page, to: request)
        } catch {
            return .refusal(.internalServerError, "\(error)", "see: journalctl -u certd")
        }
    }

    private func reply(with page: APIPath.Page, to request: Request) async throws -> Reply {
        switch page {
        case .overview:
            let page = Page(
                sight: try await status.sight(), query: PageQuery(request.uri.query ?? ""), host: Page.hostName,
                now: World.live.now())
            return Reply(.ok, .html, ByteBuffer(string: page.markup.html))
        case .style: return Reply(.ok, .css, ByteBuffer(bytes: PackageResources.page_css))
        case .script: return Reply(.ok, .javaScript, ByteBuffer(bytes: PackageResources.page_js))
        case .healthz: return Reply(.ok, .text, ByteBuffer(string: "ok\n"))
        case .readyz:
            guard let obstacle = health.obstacle else { return Reply(.ok, .text, ByteBuffer(string: "ok\n")) }
            return Reply(.serviceUnavailable, .text, ByteBuffer(string: "\(obstacle)\n"))
        case .status:
            // Who has to know how things are now says so, as RFC 9111, section 5.2.1.4, has it.
            let isFresh = desk != nil && request.headers[.cacheControl]?.contains("no-cache") == true
            return Reply(.ok, .json, try await status.sight(fresh: isFresh).json())
        case .metrics:
            let format = MetricsFormat(accepted: request.headers[.accept] ?? "")
            let sight = try await status.sight()
            var body = try sight.metrics(format)
            body.writeString(DaemonMetrics(figures: figures, health: health, sight: sight).text(format))
            return Reply(.ok, format == .text ? .metrics : .openMetrics, body)
        }
    }

    private func deployment(_ request: Request, on channel: any Channel) async -> Reply {
        guard request.method == .post else { return .refusal(of: request.method, allowed: [.post]) }
        guard let desk else {
            return .refusal(.forbidden, "deployments are not taken over TCP", "run it as root: sudo certd deploy")
        }
        do {
            return try await deploy(request, on: channel, desk)
        } catch {
            return .refusal(.internalServerError, "\(error)", "see: journalctl -u certd")
        }
    }

    private func deploy(_ request: Request, on channel: any Channel, _ desk: DeploymentDesk) async throws -> Reply {
        let caller = try await Peer(of: channel).user
        guard caller == 0 || caller == geteuid() else {
            return .refusal(
                .forbidden, "user \(caller) may not have certificates deployed", "run it as root: sudo certd deploy")
        }
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: APIResponder.bodyLimit)
        } catch is NIOTooManyBytesError {
            return .refusal(
                .contentTooLarge, "the request is larger than \(APIResponder.bodyLimit) bytes",
                "name fewer lineages at a time")
        }
        try await channel.triggerUserOutboundEvent(ConnectionGuard.Moment.arrived)
        guard let order = try? JSONDecoder().decode(DeploymentRequest.self, from: Data(body.readableBytesView)) else {
            return .refusal(.badRequest, "the request is not understood", Reply.otherVersion)
        }
        switch await desk.take(order, from: caller) {
        case .answer(let answer): return try Reply(.ok, encoding: answer)
        case .notMine(let reason): return .refusal(.conflict, reason, "carry it out without the daemon")
        }
    }
}

extension Request {
    /// Whether the client has been told an address of loopback, or `localhost`, which no resolver may give to others
    /// (RFC 6761, section 6.3).
    fileprivate var isForThisHost: Bool {
        guard let authority = head.authority?.lowercased() else { return false }
        let port = authority.lastIndex { $0 == ":" }.map { authority[$0...].dropFirst() }
        let hasPort = port.map { $0.allSatisfy { ("0"..."9").contains($0) } } ?? false
        let host = hasPort ? authority.dropLast((port?.count ?? 0) + 1) : authority[...]
        if host.first == "[", host.last == "]" { return LoopbackAddress.isLoopback(host.dropFirst().dropLast()) }
        return host == "localhost" || host.contains(".") && LoopbackAddress.isLoopback(host)
    }

    /// Whether a body follows (RFC 9112, section 6.3).
    fileprivate var announcesBody: Bool {
        headers[.transferEncoding] != nil || (headers[.contentLength].map { $0 != "0" } ?? false)
    }
}
