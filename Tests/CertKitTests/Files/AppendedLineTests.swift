import CertKit
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite struct AppendedLineTests {
    let scratch: ScratchDirectory
    var log: FilePath { scratch.file("history.jsonl") }

    init() throws { scratch = try ScratchDirectory() }

    private func add(_ text: String, trusting: Set<UInt32> = []) throws -> Int {
        let bytes = Array(text.utf8)
        return try append(line: bytes.span, to: log, trusting: trusting)
    }

    @Test func `lines follow each other in a file that is its owner's alone`() throws {
        #expect(try add("one") == 4)
        #expect(try add("two") == 8)
        #expect(try scratch.read("history.jsonl") == "one\ntwo\n")
        #expect(try scratch.stat("history.jsonl").permissions == .ownerReadWrite)
    }

    @Test func `what a crash has cut is not gone on with`() throws {
        try scratch.write("one\ntw", to: "history.jsonl")
        #expect(try add("three") == 13)
        #expect(try scratch.read("history.jsonl") == "one\ntw\nthree\n")
    }

    @Test func `nothing is written through a link, to a file with another name or to what is no file`() throws {
        try scratch.write("passwd\n", to: "other")
        try scratch.makeLink("history.jsonl", to: "other")
        #expect(throws: WriteError.failed(.append, path: log, .tooManySymbolicLinkLevels)) { try add("x") }
        try scratch.remove("history.jsonl")
        try scratch.makeHardLink("history.jsonl", to: "other")
        #expect(throws: WriteError.failed(.append, path: log, .notPermitted)) { try add("x") }
        try scratch.remove("history.jsonl")
        try scratch.makeNode("history.jsonl", S_IFIFO)
        #expect(throws: WriteError.failed(.append, path: log, .notPermitted)) { try add("x") }
        #expect(try scratch.read("other") == "passwd\n")
    }

    @Test func `a directory that everybody may write is refused`() throws {
        try scratch.setMode(0o777, of: "")
        #expect(throws: WriteError.directoryUnsafe(path: scratch.path, .everybody)) { try add("x") }
    }

    @Test func `a disk that takes nothing is an error`() throws {
        #expect(throws: WriteError.self) {
            try append(line: [UInt8]().span, to: scratch.file("nowhere/history.jsonl"))
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func `what root makes in a trusted user's directory is that user's`() throws {
        try scratch.give("", to: 65534, 65534)
        #expect(throws: WriteError.directoryUnsafe(path: scratch.path, .owner(65534))) { try add("x") }
        _ = try add("x", trusting: [65534])
        let stat = try scratch.stat("history.jsonl")
        #expect(stat.userID.rawValue == 65534 && stat.groupID.rawValue == 65534)
    }
}
