import CertKit
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite struct StandardInputTests {
    @Test(arguments: ["", "text"])
    func `standard input is read to its end`(text: String) async {
        await #expect(processExitsWith: .success) { [text = text as String] in
            let scratch = try ScratchDirectory()
            try StandardInputTests.putInPlace(scratch.write(text, to: "input"))
            #expect(try readStandardInput() == SecretBytes(copying: Array(text.utf8).span))
        }
    }

    @Test func `more than is wanted on standard input is refused`() async {
        await #expect(processExitsWith: .success) {
            let scratch = try ScratchDirectory()
            try StandardInputTests.putInPlace(scratch.write("12345", to: "input"))
            #expect(throws: FileError.tooLarge(path: "standard input", limit: 4)) { try readStandardInput(limit: 4) }
        }
    }

    @Test func `standard input that cannot be read is named`() async {
        await #expect(processExitsWith: .success) {
            let scratch = try ScratchDirectory()
            try StandardInputTests.putInPlace(scratch.path)
            #expect(throws: FileError.unreadable(path: "standard input", .isDirectory)) { try readStandardInput() }
        }
    }

    /// Has this process, which is a test's own, read `path` on standard input.
    static func putInPlace(_ path: FilePath) throws {
        let opened = try FileDescriptor.open(path, .readOnly)
        try opened.closeAfter { _ = try opened.duplicate(as: .standardInput) }
    }
}
