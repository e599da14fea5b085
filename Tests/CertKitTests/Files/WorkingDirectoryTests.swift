import CertKit
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite struct WorkingDirectoryTests {
    @Test func `a name without a directory is one in the working directory`() async {
        // The working directory belongs to the whole process, so this goes into one of its own.
        await #expect(processExitsWith: .success) {
            let scratch = try ScratchDirectory()
            try #require(unsafe chdir(scratch.path.string) == 0)
            try StagedFile(replacing: "site.pem", with: SecretBytes(copying: Array("new".utf8).span)).install()
            #expect(try scratch.read("site.pem") == "new")

            try await FileLock.acquire(at: "lock", within: .zero, on: SteppingClock()).release()
            #expect(try DirectoryHandle(opening: ".").names() == ["lock", "site.pem"])

            try scratch.setMode(0o644, of: "site.pem")
            let exposure = KeyExposure(of: "site.pem", try readFile(at: "site.pem").identity)
            // The scratch directory is 0700.
            #expect(exposure?.shield == ".")
        }
    }
}
