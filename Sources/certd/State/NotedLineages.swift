import CertKit
import SystemPackage

/// The lineages that are pinned or whose last deployment failed, as one look at the state directory finds them.
struct NotedLineages: Sendable {
    fileprivate let state: StateDirectory
    fileprivate let files: Set<String>

    /// Whether anything is on record.
    func contains(_ lineage: Lineage) -> Bool { !files.isEmpty && files.contains(state.file(of: lineage)) }
}

extension NotedLineages? {
    /// Whether anything may be on record; without a look at the directory it may of any.
    func mayContain(_ lineage: Lineage) -> Bool { self?.contains(lineage) ?? true }
}

extension StateDirectory {
    /// Those that something is on record for; nil where that cannot be told.
    func noted() -> NotedLineages? {
        var files: Set<String> = []
        for name in ["pins", "failures"] {
            do throws(FileError) {
                files.formUnion(try DirectoryHandle(opening: path.appending(name)).names())
            } catch {
                guard error.isMissing else { return nil }
            }
        }
        return NotedLineages(state: self, files: files)
    }
}
