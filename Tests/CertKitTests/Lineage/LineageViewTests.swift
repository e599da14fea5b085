import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import CertKit

/// What certbot does not do to a lineage, and others may.
@Suite struct LineageViewTests {
    /// A directory in which something is different each time it is looked at, or cannot be.
    private struct View: LineageView, ~Copyable {
        enum Trouble { case linksChange, fileChanges, directoryVanishes }

        let directory: DirectoryHandle
        let trouble: Trouble
        let looks: Counter

        func identity() throws(FileError) -> FileIdentity {
            // Where the directory itself tells that nothing changed, the names are not looked at again.
            if trouble != .fileChanges { throw .missing(path: directory.path) }
            return try directory.identity()
        }

        func identity(of name: String) throws(FileError) -> FileIdentity? { try directory.identity(of: name) }

        func link(at name: String) throws(FileError) -> Link {
            switch trouble {
            case .linksChange:
                // Four names and certbot's four others at a time.
                looks.count += 1
                return name.hasPrefix("previous_")
                    ? .missing : .to("../../archive/site/\(name.dropLast(4))\(1 + looks.count / 8 % 2).pem")
            case .fileChanges: return try directory.link(at: name)
            case .directoryVanishes: return .missing
            }
        }

        func readFile(named name: String) throws(FileError) -> FileContents {
            if trouble == .fileChanges { throw .changedWhileRead(path: directory.path.appending(name)) }
            return try directory.readFile(named: name)
        }
    }

    private final class Counter { var count = 0 }

    private func read(_ made: MadeLineage, with trouble: View.Trouble, on clock: SteppingClock) async -> LineageError? {
        let reader = GenerationReader { Date(timeIntervalSince1970: 4_000_000_000) }
        let looks = Counter()
        do throws(LineageError) {
            _ = try await reader.read(made.lineage, on: clock) { () throws(FileError) in
                View(directory: try DirectoryHandle(opening: made.lineage.directory), trouble: trouble, looks: looks)
            }
            return nil
        } catch {
            return error
        }
    }

    @Test func `what goes on changing while it is read is waited for, and then told`() async throws {
        let made = try await MadeLineage()
        try await made.renew(to: 2)
        for trouble in [View.Trouble.linksChange, .fileChanges] {
            let clock = SteppingClock()
            let error = await read(made, with: trouble, on: clock)
            switch trouble {
            case .linksChange: #expect(error == .stillChanging(lineage: "site"))
            default:
                let path = made.lineage.directory.appending("../../archive/site/cert2.pem")
                #expect(error == .file(lineage: "site", .changedWhileRead(path: path)))
            }
            #expect(clock.now.offset >= .milliseconds(9999))
        }
    }

    @Test func `a lineage that vanishes while it is read is waited for`() async throws {
        let made = try await MadeLineage()
        let clock = SteppingClock()
        let error = await read(made, with: .directoryVanishes, on: clock)
        let path = made.lineage.directory.appending("cert.pem")
        #expect(error == .file(lineage: "site", .missing(path: path)))
        #expect(clock.now.offset >= .milliseconds(9999))
    }

    @Test func `another client's link that leads nowhere is a missing file`() async throws {
        let made = try await MadeLineage()
        try made.scratch.makeDirectory("acme")
        for name in ["cert", "privkey", "chain", "fullchain"] {
            try made.scratch.makeLink("acme/\(name).pem", to: "nowhere")
        }
        let other = try Lineage(made.scratch.file("acme").string, below: made.letsencrypt)
        let error = await #expect(throws: LineageError.self) { try await made.read(as: other) }
        #expect(error == .file(lineage: other.name, .missing(path: other.directory.appending("cert.pem"))))
    }

    @Test func `a reader without a memory reads what has no key`() async throws {
        let made = try await MadeLineage()
        let reader = GenerationReader { Date(timeIntervalSince1970: 4_000_000_000) }
        let generation = try await reader.readWithoutKey(made.lineage, on: SteppingClock())
        #expect(generation.leaf.dnsNames == ["site"])
    }

    @Test func `what was read without its key makes no generation`() async throws {
        let made = try await MadeLineage()
        let directory = try DirectoryHandle(opening: made.lineage.directory)
        let contents = try LineageContents(withKey: false) { file throws(FileError) in
            try directory.readFile(named: file.name)
        }
        let path = made.lineage.directory.appending("privkey.pem")
        #expect(throws: LineageError.file(lineage: "site", .missing(path: path))) {
            try Generation(
                of: made.lineage, number: 1, archive: nil, from: contents, recalling: LineageMemory(signatures: nil))
        }
    }

    @Test func `a name that the file system does not take is an error of that name`() throws {
        let scratch = try ScratchDirectory()
        let name = String(repeating: "a", count: 300)
        #expect(throws: FileError.unreadable(path: scratch.file(name), .fileNameTooLong)) {
            try DirectoryHandle(opening: scratch.path).link(at: name)
        }
        #expect(throws: FileError.unreadable(path: scratch.file(name), .fileNameTooLong)) {
            try DirectoryHandle(opening: scratch.path).identity(of: name)
        }
    }

    @Test(arguments: [
        ("cert12.pem", 12), ("cert1.txt", nil), ("cert.pem", nil), ("certx.pem", nil), ("chain1.pem", nil),
    ])
    func `certbot's number is read from names of its own alone`(name: String, number: Int?) {
        #expect(LineageFile.cert.number(of: name) == number)
    }
}
