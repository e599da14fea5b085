import CertKit
import Glibc
import SystemPackage

/// The two hooks that the package puts into certbot's directories.
enum PackageHook: String, CaseIterable, Sendable {
    case deploy = "certbot-deploy"
    case post = "certbot-post"

    /// certbot's directory for it, below `renewal-hooks`.
    var kind: HookKind {
        switch self {
        case .deploy: .deploy
        case .post: .post
        }
    }

    /// Where it belongs.
    func path(in letsencrypt: FilePath) -> FilePath { kind.directory(in: letsencrypt).appending(rawValue) }

    /// What stands at a hook's place.
    enum Standing: Equatable, Sendable {
        case missing
        case installed
        /// certbot skips it.
        case notExecutable
        /// Another version of it, or somebody else's.
        case other
    }

    func standing(in letsencrypt: FilePath) throws(FileError) -> Standing {
        let path = path(in: letsencrypt)
        guard let contents = try readFileUnlessMissing(at: path) else { return .missing }
        guard contents.identity.permissions.contains(.ownerExecute) else { return .notExecutable }
        return contents.text == text ? .installed : .other
    }

    /// What stands in it: the same as in the package's sources, below `hooks`.
    var text: String {
        switch self {
        case .deploy:
            """
            #!/bin/sh
            # certbot's deploy hook: hands the renewed lineage to certd. Install it in /etc/letsencrypt/renewal-hooks/deploy, or name
            # it at the first issue: certbot certonly --deploy-hook /path/to/certbot-deploy
            #
            # certbot runs this once for each renewed lineage, its links already moved, with RENEWED_LINEAGE set; certd reads that
            # itself and believes it only if it is a lineage it knows. A failure here is only a warning to certbot, which exits 0 all
            # the same, so certd remembers it and `certd check` shows it.
            #
            # certbot waits for a hook without limit and holds its lock meanwhile, so a hook must end: 120 s in all. What certd leaves
            # undone at any point its next run repairs.
            exec timeout --kill-after=5 115 "${CERTD_BINARY:-/usr/bin/certd}" hook

            """
        case .post:
            """
            #!/bin/sh
            # certbot's post hook: lets certd deploy whatever is out of step. Install it in /etc/letsencrypt/renewal-hooks/post.
            #
            # certbot runs this once at the end if any renewal was attempted, failures and --dry-run included. It catches what the
            # deploy hook missed: a run that died before its hooks, a deployment that failed a minute ago. With nothing out of step
            # certd touches nothing.
            #
            # certbot leaves the last lineage's RENEWED_LINEAGE in the environment here; with it certd would look at that one only.
            unset RENEWED_LINEAGE

            # Bounded as in certbot-deploy: certbot waits for a hook without limit and holds its lock meanwhile.
            exec timeout --kill-after=5 115 "${CERTD_BINARY:-/usr/bin/certd}" hook

            """
        }
    }
}

/// certbot's kinds of hooks that have to do with a deployment.
enum HookKind: String, CaseIterable, Sendable {
    case deploy, post

    /// The directory of such hooks.
    func directory(in letsencrypt: FilePath) -> FilePath {
        letsencrypt.appending("renewal-hooks").appending(rawValue)
    }

    /// The keys by which a renewal file or cli.ini names one, with `_` for `-`.
    var keys: [String] {
        switch self {
        case .deploy: ["renew_hook", "deploy_hook"]
        case .post: ["post_hook"]
        }
    }
}

extension FileContents {
    /// The file as text; for those that hold no key.
    var text: String {
        bytes.withSpan { bytes in String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) }
    }
}
