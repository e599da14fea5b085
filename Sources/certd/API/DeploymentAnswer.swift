import ArgumentParser
import CertKit

/// What a command would have printed and ended with, as the daemon answers it.
struct DeploymentAnswer: Codable, Equatable, Sendable {
    /// In the order in which they are printed.
    let lines: [SpokenLine]
    let exitCode: Int32

    /// Prints it all.
    ///
    /// - Throws: `ExitCode`, unless it is 0.
    func print() throws {
        for line in lines { line.print() }
        guard exitCode == 0 else { throw ExitCode(exitCode) }
    }
}

/// What the daemon answers to an order that it did not carry out.
struct APIRefusal: Codable, Equatable, Sendable {
    let error: String
    let remedy: String
}

/// The paths of the interface; `v1` changes when an older client or daemon would misunderstand.
enum APIPath {
    static let deploy = "/v1/deploy"

    /// What everybody may read.
    enum Page: String {
        case overview = "/"
        case style = "/page.css"
        case script = "/page.js"
        case metrics = "/metrics"
        case healthz = "/healthz"
        case readyz = "/readyz"
        case status = "/v1/status"
    }
}

/// What is sent with a deployment: the order, and for which configuration it is meant.
struct DeploymentRequest: Codable, Equatable, Sendable {
    let order: DeploymentOrder
    /// The ``Settings/mark`` of the one who asks.
    let configuration: String
}

extension Settings {
    /// Tells one configuration from another, however and wherever it was written: a daemon that runs with another, or has
    /// not read it again since it was changed, is not the one to ask.
    var mark: String { hexadecimal(Digest.sha256(Array("\(self)".utf8).span)) }
}
