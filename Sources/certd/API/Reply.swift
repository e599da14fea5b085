import CertKit
import FoundationEssentials
import HTTPTypes
import NIOCore

/// What is answered to one request: a status, a type and a body.
struct Reply: Sendable {
    static let otherVersion = "have daemon and command of one version: systemctl restart certd"

    let status: HTTPResponse.Status
    let type: ContentType
    let body: ByteBuffer
    /// The methods that the path takes, where another one was used.
    private(set) var allowed: [HTTPRequest.Method] = []

    /// What a body is.
    enum ContentType: String, Sendable {
        case json = "application/json"
        case text = "text/plain; charset=utf-8"
        case html = "text/html; charset=utf-8"
        case css = "text/css; charset=utf-8"
        case javaScript = "text/javascript; charset=utf-8"
        case metrics = "text/plain; version=0.0.4; charset=utf-8"
        case openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    }

    init(_ status: HTTPResponse.Status, _ type: ContentType, _ body: ByteBuffer) {
        (self.status, self.type, self.body) = (status, type, body)
    }

    init(_ status: HTTPResponse.Status, encoding value: some Encodable) throws {
        self.init(status, .json, ByteBuffer(bytes: try JSONEncoder().encode(value)))
    }

    static func refusal(_ status: HTTPResponse.Status, _ error: String, _ remedy: String) -> Reply {
        // Two texts can always be encoded; if not, the status still tells.
        (try? Reply(status, encoding: APIRefusal(error: error, remedy: remedy))) ?? Reply(status, .json, ByteBuffer())
    }

    /// The refusal of another method than `allowed`.
    static func refusal(of method: HTTPRequest.Method, allowed: [HTTPRequest.Method]) -> Reply {
        let words = allowed.map(\.rawValue).joined(separator: " or ")
        var reply = refusal(.methodNotAllowed, "\(method) is not possible here", "ask with \(words)")
        reply.allowed = allowed
        return reply
    }

    /// Everything before the body. A browser is to run nothing but the page's own script, to load nothing from elsewhere, to
    /// keep nothing, and to let nobody put the page into a frame.
    var head: HTTPResponse {
        var fields: HTTPFields = [
            .contentType: type.rawValue, .contentLength: "\(body.readableBytes)", .connection: "close",
            .cacheControl: "no-store", .contentSecurityPolicy: Reply.policy, .xContentTypeOptions: "nosniff",
        ]
        if let name = Reply.referrerPolicy { fields[name] = "no-referrer" }
        if !allowed.isEmpty { fields[.allow] = allowed.map(\.rawValue).joined(separator: ", ") }
        return HTTPResponse(status: status, headerFields: fields)
    }

    private static let referrerPolicy = HTTPField.Name("Referrer-Policy")
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
        frame-ancestors 'none'; base-uri 'none'; form-action 'none'
        """
}
