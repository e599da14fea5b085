public import SystemPackage

/// Where a HAProxy sees other paths than this host: in a container, each volume is one.
///
/// Paths are compared component by component; the longest directory that fits counts.
public struct PathMap: Sendable, Hashable {
    /// A directory or file, as this host and as HAProxy sees it.
    public struct Pair: Sendable, Hashable {
        let host: FilePath
        let haproxy: FilePath

        /// Both absolute.
        public init(host: FilePath, haproxy: FilePath) {
            (self.host, self.haproxy) = (host.lexicallyNormalized(), haproxy.lexicallyNormalized())
        }
    }

    private let pairs: [Pair]

    /// Without pairs every path is the same for both.
    public init(_ pairs: [Pair] = []) { self.pairs = pairs }

    /// Whether both see the same paths.
    public var isEmpty: Bool { pairs.isEmpty }

    /// The path on this host of what HAProxy calls `path`.
    public func onHost(_ path: FilePath) -> FilePath { moved(path, from: \.haproxy, to: \.host) }

    /// What HAProxy calls the file at `path` of this host.
    public func inHAProxy(_ path: FilePath) -> FilePath { moved(path, from: \.host, to: \.haproxy) }

    private func moved(
        _ path: FilePath, from source: KeyPath<Pair, FilePath>, to target: KeyPath<Pair, FilePath>
    ) -> FilePath {
        guard !pairs.isEmpty else { return path }
        let normal = path.lexicallyNormalized()
        let fitting = pairs.filter { normal.starts(with: $0[keyPath: source]) }
        guard
            let pair = fitting.max(by: { $0[keyPath: source].components.count < $1[keyPath: source].components.count })
        else { return path }
        var rest = normal
        _ = rest.removePrefix(pair[keyPath: source])
        return pair[keyPath: target].pushing(rest)
    }
}
