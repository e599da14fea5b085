internal import FoundationEssentials
internal import SystemPackage
internal import TestSupport

/// What stands at one path: a file with its bytes, or a directory.
struct DiskEntry: Hashable {
    /// Nil for a directory.
    var bytes: [UInt8]?
    var mode: Int
}

/// What a reader finds below some directories, by path.
typealias DiskContents = [FilePath: DiskEntry]

/// A disk as a file system may treat it: a program sees each change at once, but after a power loss there is only what was
/// synced, and of the rest anything.
///
/// No more than POSIX promises: a file's bytes last once the file is synced, a name once its directory is, and changes of
/// names that were not may last in any selection.
struct DiskModel {
    /// What became of bytes that were never synced.
    enum Loss: CaseIterable {
        case kept, dropped, zeroed, cut
    }

    private struct Node {
        var entry: DiskEntry
        /// The bytes that a power loss leaves in any case.
        var synced: [UInt8]
    }
    /// A change of names in a directory, not synced yet; nil takes a name away.
    private struct Change {
        let directories: Set<FilePath>
        let names: [FilePath: Int?]
    }

    private var nodes: [Node] = []
    private var names: [FilePath: Int] = [:]
    private var lasting: [FilePath: Int] = [:]
    private var pending: [Change] = []

    /// A disk that has these contents for good.
    init(_ contents: DiskContents) {
        for (path, entry) in contents {
            names[path] = nodes.count
            nodes.append(Node(entry: entry, synced: entry.bytes ?? []))
        }
        lasting = names
    }

    /// What programs see.
    var contents: DiskContents { names.mapValues { nodes[$0].entry } }

    /// Does what a program did.
    mutating func apply(_ call: DiskCall) throws {
        switch call {
        case .create(let path, let mode):
            if names[path] == nil { make(path, DiskEntry(bytes: [], mode: mode)) }
        case .makeDirectory(let path, let mode): make(path, DiskEntry(bytes: nil, mode: mode))
        case .write(let path, let bytes): nodes[try node(path)].entry.bytes?.append(contentsOf: bytes)
        case .setMode(let path, let mode): nodes[try node(path)].entry.mode = mode
        case .rename(let path, let target): change([path: nil, target: try node(path)])
        case .link(let path, let target): change([target: try node(path)])
        case .remove(let path): change([path: nil])
        case .sync(let path):
            let node = try node(path)
            if let bytes = nodes[node].entry.bytes {
                nodes[node].synced = bytes
            } else {
                for change in pending where change.directories.contains(path) { keep(change, in: &lasting) }
                pending.removeAll { $0.directories.contains(path) }
            }
        }
    }

    /// All that a reader may find after the power was lost now.
    func afterPowerLoss() -> [DiskContents] {
        // Every selection, and where these are too many, as much as a journal has written.
        let selections =
            pending.count <= 6
            ? (0..<(1 << pending.count)).map { bits in
                pending.indices.filter { bits >> $0 & 1 == 1 }.map { pending[$0] }
            }
            : (0...pending.count).map { Array(pending.prefix($0)) }
        return selections.flatMap { changes in
            var names = lasting
            for change in changes { keep(change, in: &names) }
            let reachable = names.filter { isReachable($0.key, in: names) }
            return Loss.allCases.map { loss in reachable.mapValues { remainder(of: nodes[$0], after: loss) } }
        }
    }

    /// Whether the names of all directories above it are there: a file is lost with the name of its directory.
    private func isReachable(_ path: FilePath, in names: [FilePath: Int]) -> Bool {
        let parent = path.removingLastComponent()
        guard self.names[parent] != nil else { return true }
        return names[parent] != nil && isReachable(parent, in: names)
    }

    private func remainder(of node: Node, after loss: Loss) -> DiskEntry {
        guard let bytes = node.entry.bytes, bytes != node.synced else { return node.entry }
        let unsynced = bytes.count - node.synced.count
        let rest: [UInt8] =
            switch loss {
            case .kept: bytes
            case .dropped: node.synced
            case .zeroed: node.synced + [UInt8](repeating: 0, count: unsynced)
            case .cut: Array(bytes.prefix(node.synced.count + unsynced / 2))
            }
        return DiskEntry(bytes: rest, mode: node.entry.mode)
    }

    private func node(_ path: FilePath) throws -> Int {
        guard let node = names[path] else { throw ToolFailure(description: "nothing is known of \(path)") }
        return node
    }

    private mutating func make(_ path: FilePath, _ entry: DiskEntry) {
        nodes.append(Node(entry: entry, synced: []))
        change([path: nodes.count - 1])
    }

    private mutating func change(_ changes: [FilePath: Int?]) {
        let change = Change(directories: Set(changes.keys.map { $0.removingLastComponent() }), names: changes)
        keep(change, in: &names)
        pending.append(change)
    }

    private func keep(_ change: Change, in names: inout [FilePath: Int]) {
        for (path, node) in change.names { names[path] = node }
    }
}

/// What really stands in `roots` and below; a root that is missing is none.
func diskContents(of roots: [FilePath]) throws -> DiskContents {
    var contents: DiskContents = [:]
    for root in roots where FileManager.default.fileExists(atPath: root.string) {
        let below = try FileManager.default.subpathsOfDirectory(atPath: root.string)
        for path in [root] + below.map({ root.pushing(FilePath($0)) }) {
            let attributes = try FileManager.default.attributesOfItem(atPath: path.string)
            let isDirectory = attributes[.type] as? FileAttributeType == .typeDirectory
            contents[path] = DiskEntry(
                bytes: isDirectory ? nil : Array(try Data(contentsOf: URL(filePath: path.string))),
                mode: attributes[.posixPermissions] as? Int ?? 0)
        }
    }
    return contents
}

/// Puts `contents` into `roots`, and nothing else.
func place(_ contents: DiskContents, in roots: [FilePath]) throws {
    for root in roots { try? remove(root) }
    for (path, entry) in contents.sorted(by: { $0.key.string < $1.key.string }) {
        let mode: [FileAttributeKey: Any] = [.posixPermissions: entry.mode]
        let isMade =
            if let bytes = entry.bytes {
                FileManager.default.createFile(atPath: path.string, contents: Data(bytes), attributes: mode)
            } else {
                (try? FileManager.default.createDirectory(
                    atPath: path.string, withIntermediateDirectories: false, attributes: mode)) != nil
            }
        guard isMade else { throw ToolFailure(description: "\(path) could not be made") }
    }
}
