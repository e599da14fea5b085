public import SystemPackage

/// What `Tests/Certificates/make-certificates` makes; the script says which cases and options there are.
public enum MadeCertificates {
    /// The time that certificates are made around where a test needs fixed dates: 2026-11-23T00:00:00Z.
    public static let now = "2026-11-23T00:00:00Z"

    /// Makes a directory for each case, with certbot's four names in it; the trust anchor is `pki/root.pem`.
    public static func cases(
        _ names: [String], in directory: ScratchDirectory, now: String = now
    ) async throws {
        try await make(["cases", "--directory", directory.path.string, "--now", now, "--only"] + names)
    }

    /// Makes one generation of a lineage below `letsencrypt`, laid out as certbot does; the trust anchor is
    /// `pki/root.pem` there. The options are the script's, such as `--generation`, `2`, `--not-after=+5d`; without a time
    /// they start from the clock, for commands that look at the clock too.
    public static func lineage(
        _ name: String, below letsencrypt: FilePath, _ options: [String] = [], now: String? = now
    ) async throws {
        let time = now.map { ["--now", $0] } ?? []
        try await make(["lineage", letsencrypt.string, name] + time + options)
    }

    /// Makes a lineage of each case, named after it, and healthy ones with the names `also`; their times start from the
    /// clock.
    public static func tree(below letsencrypt: FilePath, also: [String]) async throws {
        try await make(["tree", letsencrypt.string, "--also"] + also)
    }

    /// The names of all cases.
    public static func allCases() async throws -> [String] {
        try await make(["list"]).split(separator: "\n").map(String.init)
    }

    /// Makes certificate authorities that all have one name and vouch for each other, `count` of them, in the file
    /// `NAME`: each could have issued each as far as names tell.
    public static func namesakes(_ count: Int, key: String, to name: String, in directory: ScratchDirectory)
        async throws
    {
        try await make(["namesakes", directory.file(name).string, "\(count)", "--key", key])
    }

    @discardableResult
    private static func make(_ arguments: [String]) async throws -> String {
        try await requireTool(
            packageDirectory.appending("Tests/Certificates/make-certificates").string, arguments)
    }
}
