import SystemPackage
import TestSupport
import Testing

/// How certd ends, while threads of its own may still be at work.
@Suite struct ExitTests {
    @Test func `a thread that is in libcrypto when certd exits goes on undisturbed`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", [])])
        let library = program.scratch.file("late.so").string
        let source = packageDirectory.appending("Tests/Faults/late.c").string
        try await requireTool("cc", ["-shared", "-fPIC", "-Wall", "-Wextra", "-o", library, source])
        let run = try await program.run(["build", "a.example.org"], environment: ["LD_PRELOAD=\(library)"])
        #expect(run.succeeded && run.errors == "libcrypto stands\n", "\(run)")
    }
}
