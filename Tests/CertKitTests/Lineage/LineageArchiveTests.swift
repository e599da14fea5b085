import CertKit
import SystemPackage
import TestSupport
import Testing

@Suite struct LineageArchiveTests {
    @Test func `an older generation is found by its leaf`() async throws {
        let made = try await MadeLineage()
        let first = try await made.read()
        try await made.renew(to: 2)
        try await made.renew(to: 3, ["--archive-only"])
        let second = try await made.read()
        let archive = try #require(second.archive)
        #expect(try archive.numbers() == [1, 2, 3])
        let found = try #require(try archive.generation(where: { $0 == first.leaf }))
        #expect(found.number == 1)
        #expect(found.leaf == first.leaf)
        #expect(found.chain == first.chain)
        #expect(found.key.matches(first.leaf))
        #expect(try LineageArchive(of: made.lineage)?.generation(where: { $0 == second.leaf })?.number == 2)
        #expect(try [first, second].map { try archive.number(of: $0.leaf) } == [1, 2])

        try made.scratch.write("half", to: made.archive("fullchain1.pem"))
        #expect(try archive.generation(where: { $0 == first.leaf }) == nil)
        #expect(throws: LineageError.self) { try archive.generation(1) }
        try made.scratch.write("half", to: made.archive("cert1.pem"))
        #expect(try archive.number(of: first.leaf) == nil)
        try made.scratch.remove(made.archive("chain1.pem"))
        #expect(try archive.numbers() == [2, 3])
    }

    @Test func `one name in two directories is two lineages`() throws {
        #expect(try Lineage("site", below: "/etc/letsencrypt") != Lineage("site", below: "/srv/letsencrypt"))
        #expect(try Lineage("site", below: "/etc/letsencrypt") == Lineage("site", below: "/etc/letsencrypt"))
    }

    @Test func `a directory that certbot does not keep has no archive`() throws {
        #expect(LineageArchive(of: try Lineage("/srv/acme/site", below: "/etc/letsencrypt")) == nil)
    }
}
