import SystemPackage
import TestSupport
import Testing

@testable import certd

/// What another user may reach, told from owner, group and mode.
@Suite struct DaemonUserTests {
    private static let group: UInt32 = 64_910
    private static let other = DaemonUser(id: 64_911, name: "certd", groups: [group], readsEverything: false)

    @Test(arguments: [
        ("600", false, false), ("640", true, false), ("660", true, true), ("604", false, false), ("620", false, true),
    ])
    func `a file of the group is open as its mode says`(mode: String, reads: Bool, writes: Bool) async throws {
        let scratch = try ScratchDirectory()
        try await requireTool("chmod", ["0711", scratch.path.string])
        let file = try scratch.write("", to: "file")
        try await requireTool("chgrp", ["\(Self.group)", file.string])
        try await requireTool("chmod", [mode, file.string])
        #expect(Self.other.mayRead(file) == reads)
        #expect(Self.other.mayWrite(file) == writes)
    }

    @Test func `a closed directory keeps others out, but not whoever reads everything`() async throws {
        let scratch = try ScratchDirectory()
        let file = try scratch.write("", to: "file")
        try await requireTool("chmod", ["666", file.string])
        #expect(!Self.other.mayRead(file))
        var capable = Self.other
        capable.readsEverything = true
        #expect(capable.mayRead(file))
        #expect(capable.mayWrite(file))
        try await requireTool("chmod", ["644", file.string])
        #expect(!capable.mayWrite(file), "it reads everything, and writes no more than others")
    }
}
