import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

@Suite struct TidyDirectoriesTests {
    @Test func `a directory stays tidy until a name is made or removed in it`() throws {
        let scratch = try ScratchDirectory()
        let tidy = TidyDirectories()
        #expect(!tidy.holds(scratch.path))
        tidy.note(scratch.path)
        #expect(tidy.holds(scratch.path))
        try tick()
        try scratch.write("half a key", to: ".site.pem.certd-new-00")
        #expect(!tidy.holds(scratch.path))
        tidy.note(scratch.path)
        tidy.forget(scratch.path)
        #expect(!tidy.holds(scratch.path))
    }

    @Test func `one search finds what was left beside any bundle of a directory`() async throws {
        let names = ["a.example.org", "b.example.org"]
        let program = try await BuiltProgram(lineages: names.map { ($0, []) })
        let inventory = try await Inventory(settings: try program.settings(), world: .live)
        let files = try inventory.lineages.map { lineage in
            let place = try #require(inventory.place(of: lineage))
            return BundleFile(path: place.path, place: place, trusting: [])
        }
        let directory = try #require(files.first?.path.removingLastComponent())
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        let left = files.map { directory.appending(".\($0.path.lastComponent?.string ?? "").certd-new-00") }
        for path in left { try Data("half a key".utf8).write(to: URL(filePath: path.string)) }

        try inventory.tidyUp(files[0].directories)

        #expect(left.allSatisfy { !FileManager.default.fileExists(atPath: $0.string) })
        // What is there afterwards is the run's own.
        try Data("half a key".utf8).write(to: URL(filePath: left[0].string))
        try inventory.tidyUp(files[1].directories)
        #expect(FileManager.default.fileExists(atPath: left[0].string))
    }
}
