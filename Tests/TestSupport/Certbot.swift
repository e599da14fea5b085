public import SystemPackage

/// The real certbot with directories of a test's own, registered with nobody but the test's server.
public struct Certbot: Sendable {
    /// Its configuration directory, /etc/letsencrypt elsewhere.
    public let directory: FilePath
    /// What its hooks find in their environment beside certbot's own.
    public var environment: [String: String] = [:]
    private let server: ACMEServer
    private let elsewhere: FilePath

    /// A certbot that has not run yet; its directory is `letsencrypt` in `scratch`.
    public init(server: ACMEServer, in scratch: ScratchDirectory) {
        self.server = server
        directory = scratch.file("letsencrypt")
        elsewhere = scratch.file("certbot")
    }

    /// Obtains a lineage named after the first name, validated by HTTP-01 with certbot's own web server, and gives what
    /// certbot printed; the options are certbot's, such as `--deploy-hook` and `--reuse-key`.
    @discardableResult
    public func issue(_ names: [String], _ options: [String] = []) async throws -> String {
        try await certbot(
            ["certonly", "--standalone", "--http-01-address", server.address, "--http-01-port", "5002"]
                + ["--agree-tos", "--register-unsafely-without-email"]
                + names.flatMap { ["-d", $0] } + options)
    }

    /// Renews every lineage, due or not, and gives what certbot printed.
    @discardableResult
    public func renew(_ options: [String] = []) async throws -> String {
        try await certbot(["renew", "--force-renewal", "--no-random-sleep-on-renew"] + options)
    }

    /// Deletes a lineage, and gives what certbot printed.
    @discardableResult
    public func delete(_ lineage: String) async throws -> String {
        try await certbot(["delete", "--cert-name", lineage])
    }

    private func certbot(_ arguments: [String]) async throws -> String {
        let setting = [
            "--config-dir", directory.string, "--work-dir", elsewhere.appending("work").string,
            "--logs-dir", elsewhere.appending("logs").string,
            // A dry run would turn to Let's Encrypt's staging server otherwise.
            "--server", server.directoryURL,
        ]
        let variables = environment.merging(["REQUESTS_CA_BUNDLE": server.serverTrust.string]) { $1 }
        let run = try await runTool(
            "env", variables.map { "\($0)=\($1)" } + ["certbot"] + arguments + setting + ["--non-interactive"])
        guard run.succeeded else { throw ToolFailure(description: "certbot: \(run.output)\(run.errors)") }
        return run.output + run.errors
    }
}
