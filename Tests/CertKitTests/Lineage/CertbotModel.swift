import SystemPackage

@testable import CertKit

/// A lineage as certbot leaves it between two of its operations.
struct CertbotState {
    /// The links of `live/NAME` by name, and their texts.
    var links: [String: String] = [:]
    /// The names in `archive/NAME`, and the number of the file or the link (`reuse_key`) that each leads to; with another
    /// client, the four names themselves.
    var archive: [String: Int] = [:]
    /// Every file that ever was, by number: one that lost its name can still be open.
    var files: [Int: File] = [:]

    struct File: Equatable {
        var text: String
        /// How many times it was written: its ctime.
        var writes = 0
    }

    /// The generation that all four links lead to; nil where they differ or one is missing.
    var current: Int? {
        let numbers = Set(
            LineageFile.allCases.map { file in
                links["\(file.rawValue).pem"].flatMap { file.number(of: String($0.split(separator: "/").last ?? "")) }
            })
        return numbers.count == 1 ? numbers.first ?? nil : nil
    }

    var isUpdating: Bool { links.keys.contains { $0.hasPrefix("previous_") } }

    /// What the four files of generation `number` hold once they are whole.
    static func text(_ file: LineageFile, _ number: Int) -> String { "\(file.rawValue) of generation \(number)" }

    static func archivePath(_ file: LineageFile, _ number: Int) -> String {
        "../../archive/site/\(file.rawValue)\(number).pem"
    }
}

/// What certbot does to a lineage, one system call at a time, as its source has it (CERTBOT.md, "Files").
struct CertbotModel {
    /// The states before, between and after the operations.
    private(set) var states: [CertbotState]
    private var now: CertbotState { didSet { states.append(now) } }

    /// A lineage that has stood at generation `number` for long.
    init(at number: Int) {
        var state = CertbotState()
        for file in LineageFile.allCases {
            state.files[state.files.count] = .init(text: CertbotState.text(file, number))
            state.archive[CertbotState.archivePath(file, number)] = state.files.count - 1
            state.links["\(file.rawValue).pem"] = CertbotState.archivePath(file, number)
        }
        (now, states) = (state, [state])
    }

    /// A lineage that is issued for the first time: the links are made first, and dangle.
    static func firstIssue() -> CertbotModel {
        var model = CertbotModel(at: 1)
        model.now = CertbotState()
        model.states = [model.now]
        for file in LineageFile.allCases { model.now.links["\(file.rawValue).pem"] = CertbotState.archivePath(file, 1) }
        model.writeArchive(1)
        return model
    }

    /// Writes generation `number` into the archive; with `reuse_key` its key is a link to an older one.
    ///
    /// At once, where another story has had the states in between already.
    mutating func writeArchive(_ number: Int, reusingKeyOf older: Int? = nil, atOnce: Bool = false) {
        let before = states.count
        defer { if atOnce { states.removeSubrange(before..<(states.count - 1)) } }
        for file in [LineageFile.privkey, .cert, .chain, .fullchain] {
            let path = CertbotState.archivePath(file, number)
            if file == .privkey, let older {
                now.archive[path] = now.archive[CertbotState.archivePath(.privkey, older)]
                continue
            }
            let text = CertbotState.text(file, number)
            let inode = now.files.count
            var created = now
            created.files[inode] = .init(text: "")
            created.archive[path] = inode
            now = created
            for part in [String(text.prefix(text.count / 2)), text] {
                now.files[inode] = .init(text: part, writes: (now.files[inode]?.writes ?? 0) + 1)
            }
        }
    }

    /// Remembers the links as they are.
    mutating func makePrevious() {
        for file in LineageFile.allCases {
            now.links["previous_\(file.rawValue).pem"] = now.links["\(file.rawValue).pem"]
        }
    }

    /// Turns the links of `files` to `number`: each is missing for a moment.
    mutating func relink(_ files: [LineageFile] = LineageFile.allCases, to number: Int) {
        for file in files {
            now.links["\(file.rawValue).pem"] = nil
            now.links["\(file.rawValue).pem"] = CertbotState.archivePath(file, number)
        }
    }

    /// Forgets the remembered links.
    mutating func removePrevious() {
        for file in LineageFile.allCases { now.links["previous_\(file.rawValue).pem"] = nil }
    }

    /// Removes generation `number` from the archive.
    mutating func removeArchive(_ number: Int) {
        for file in LineageFile.allCases { now.archive[CertbotState.archivePath(file, number)] = nil }
    }

    /// A whole renewal from `number` to the next.
    mutating func renew(from number: Int, reusingKey: Bool = false) {
        writeArchive(number + 1, reusingKeyOf: reusingKey ? number : nil)
        makePrevious()
        relink(to: number + 1)
        removePrevious()
        if !reusingKey { removeArchive(number) }
    }
}

/// A reader's view of a lineage that changes between any two of its system calls.
final class ModelView: LineageView {
    private let states: [CertbotState]
    /// How often a link was made or removed until each state.
    private let linkChanges: [Int]
    /// Whether all of it happens within one tick of the file system's clock, so that the directory's times stay the same.
    private let isWithinTick: Bool
    /// Which state the system call with a number sees.
    private let schedule: (Int) -> Int
    private(set) var calls = 0
    /// What the last file read and the last call of all saw.
    private(set) var whenRead: CertbotState?
    private(set) var atTheEnd: CertbotState?

    init(_ states: [CertbotState], isWithinTick: Bool = false, schedule: @escaping (Int) -> Int) {
        (self.states, self.isWithinTick, self.schedule) = (states, isWithinTick, schedule)
        linkChanges = states.indices.reduce(into: []) { counts, index in
            let isSame = index == 0 || states[index].links == states[index - 1].links
            counts.append((counts.last ?? 0) + (isSame ? 0 : 1))
        }
    }

    /// Makes one system call.
    private func call() -> CertbotState { states[position()] }

    private func position() -> Int {
        let position = min(schedule(calls), states.count - 1)
        calls += 1
        atTheEnd = states[position]
        return position
    }

    func identity() -> FileIdentity {
        let changes = linkChanges[position()]
        return FileIdentity(inode: 0, size: 0, changed: isWithinTick ? .zero : .seconds(changes))
    }

    func link(at name: String) -> Link {
        let state = call()
        return state.links[name].map { .to($0) } ?? (state.archive[name] == nil ? .missing : .isNone)
    }

    func identity(of name: String) -> FileIdentity? {
        let state = call()
        return state.inode(of: name).flatMap { state.files[$0]?.identity(inode: $0) }
    }

    func readFile(named name: String) throws(FileError) -> FileContents {
        let missing = FileError.missing(path: FilePath(name))
        guard let inode = call().inode(of: name) else { throw missing }
        let (before, read, after) = (call(), call(), call())
        whenRead = after
        guard let first = before.files[inode], let content = read.files[inode], first == after.files[inode] else {
            throw .changedWhileRead(path: FilePath(name))
        }
        return FileContents(
            bytes: SecretBytes(copying: Array(content.text.utf8).span), identity: first.identity(inode: inode),
            path: FilePath(name))
    }
}

extension CertbotState {
    /// Follows a name in the lineage's directory, or the text of a link there.
    fileprivate func inode(of name: String) -> Int? { archive[links[name] ?? name] }
}

extension CertbotState.File {
    fileprivate func identity(inode: Int) -> FileIdentity {
        FileIdentity(inode: UInt64(inode), size: text.utf8.count, changed: .seconds(writes))
    }
}

extension FileIdentity {
    /// A file of 0600 that is told from others by these.
    init(inode: UInt64, size: Int, changed: Duration) {
        self.init(
            device: 1, inode: inode, size: size, modified: changed, changed: changed, permissions: .ownerReadWrite,
            owner: 0, group: 0, links: 1)
    }
}
