import CertKit
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite struct AppendedLineTests {
    let scratch: ScratchDirectory
    var log: FilePath { scratch.file("history.jsonl") }

    init() throws { scratch = try ScratchDirectory() }

    private func add(_ text: String, limit: Int = .max, trusting: Set<UInt32> = []) throws {
        let bytes = Array(text.utf8)
        try append(line: bytes.span, to: log, limit: limit, trusting: trusting)
    }

    @Test func `lines follow each other in a file that is its owner's alone`() throws {
        try add("one")
        try add("two")
        #expect(try scratch.read("history.jsonl") == "one\ntwo\n")
        #expect(try scratch.stat("history.jsonl").permissions == .ownerReadWrite)
    }

    @Test func `what a crash has cut is not gone on with`() throws {
        try scratch.write("one\ntw", to: "history.jsonl")
        try add("three")
        #expect(try scratch.read("history.jsonl") == "one\ntw\nthree\n")
    }

    @Test(arguments: [
        // The newest lines in half of the limit; `new` is 4 bytes with its end.
        ("", 3, ""), ("", 4, "new\n"), ("a\nb\nc\n", 10, "a\nb\nc\nnew\n"), ("a\nb\nc\n", 9, "new\n"),
        ("a\nb\nc\nd\ne\n", 12, "e\nnew\n"), ("a\nb\nc\nd\ne\n", 13, "e\nnew\n"),
        ("older\n{ no record\nold\n", 23, "old\nnew\n"), ("a line that is longer than the limit\n", 9, "new\n"),
        ("older than this is cut\nol", 16, "ol\nnew\n"),
    ])
    func `a file that grows too large keeps its newest lines, to the byte`(
        _ known: String, _ limit: Int, _ kept: String
    ) throws {
        try scratch.write(known, to: "history.jsonl")
        try scratch.write("left by a crash", to: ".history.jsonl.certd-new-1")
        try add("new", limit: limit)
        #expect(try scratch.read("history.jsonl") == kept)
        #expect(try scratch.stat("history.jsonl").permissions == .ownerReadWrite)
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
            try append(line: [UInt8]().span, to: scratch.file("nowhere/history.jsonl"), limit: .max)
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func `what root makes in a trusted user's directory is that user's`() throws {
        try scratch.give("", to: 65534, 65534)
        #expect(throws: WriteError.directoryUnsafe(path: scratch.path, .owner(65534))) { try add("x") }
        for limit in [Int.max, 2] {
            try add("x", limit: limit, trusting: [65534])
            let stat = try scratch.stat("history.jsonl")
            #expect(stat.userID.rawValue == 65534 && stat.groupID.rawValue == 65534)
        }
    }
}
