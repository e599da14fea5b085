internal import FoundationEssentials
public import SystemPackage

/// certbot's own code for its files, which renews a lineage when it is asked to: `renew-when-asked`.
public struct CertbotStorage: Sendable {
    /// The release of certbot.
    public let version: String
    private let python: FilePath

    /// Debian's, and the newest of PyPI's where `scripts/test --long` has installed it in `.build/certbot`.
    public static func installed() async throws -> [CertbotStorage] {
        let found = [
            "/usr/lib/python3/dist-packages/certbot", packageDirectory.appending(".build/certbot/bin/certbot"),
        ]
        .map { FileManager.default.fileExists(atPath: $0.string) }
        let pythons: [FilePath] = ["/usr/bin/python3", packageDirectory.appending(".build/certbot/bin/python")]
        var storages: [CertbotStorage] = []
        for (python, isFound) in zip(pythons, found) where isFound {
            let version = try await requireTool(python.string, ["-c", "import certbot; print(certbot.__version__)"])
            storages.append(CertbotStorage(version: String(version.prefix { $0 != "\n" }), python: python))
        }
        return storages
    }

    /// Renews `lineage` below `letsencrypt` at each line "renew", and answers with the new number.
    ///
    /// There have to be two generations, whose files are issued again in turns; with `reusingKey` those of the second alone.
    public func start(_ letsencrypt: FilePath, _ lineage: String, reusingKey: Bool = false) async throws
        -> HelperProcess
    {
        let script = packageDirectory.appending("Tests/Certificates/renew-when-asked").string
        return try await HelperProcess.start(
            python, [script, letsencrypt.string, lineage] + (reusingKey ? ["--reuse-key"] : []))
    }
}
