import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

@Suite struct StampTests {
    @Test func `a name that is made, replaced or removed changes a directory's stamp`() throws {
        let scratch = try ScratchDirectory()
        var stamps: Set<Stamp> = [Stamp(of: scratch.path)]
        try tick()
        try scratch.write("1", to: "file")
        stamps.insert(Stamp(of: scratch.path))
        try tick()
        try remove(scratch.file("file"))
        stamps.insert(Stamp(of: scratch.path))
        #expect(stamps.count == 3)
        #expect(Stamp(of: scratch.path) == Stamp(of: scratch.path))
    }

    @Test func `a file that is written in place, goes or comes back is another`() throws {
        let scratch = try ScratchDirectory()
        let file = try scratch.write("1", to: "file")
        let first = Stamp(of: file)
        try scratch.write("22", to: "file")
        let second = Stamp(of: file)
        try remove(file)
        let missing = Stamp(of: file)
        #expect(Set([first, second, missing]).count == 3)
        #expect(missing == Stamp(of: file))
    }

    @Test func `another client's lineage is looked at file by file`() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("1", to: "privkey.pem")
        let lineage = try Lineage(scratch.path.string, below: "/etc/letsencrypt")
        let before = Stamp(of: lineage)
        try scratch.write("22", to: "privkey.pem")
        #expect(Stamp(of: lineage) != before)
    }

    @Test func `the short way to a lineage's directory tells the same as the long one`() throws {
        let scratch = try ScratchDirectory()
        for name in ["archive", "live/site"] {
            try FileManager.default.createDirectory(
                atPath: scratch.file(name).string, withIntermediateDirectories: true)
        }
        let live: DirectoryHandle? = try DirectoryHandle(opening: scratch.file("live"))
        for name in ["site", "gone"] {
            let lineage = try Lineage(name, below: scratch.path)
            let short = Stamp(of: lineage, in: live)
            let closed = Stamp(of: lineage, in: nil)
            #expect(short == Stamp(of: lineage))
            #expect(closed == Stamp(of: lineage))
        }
        // Another client's is not in certbot's directory.
        try scratch.write("1", to: "archive/privkey.pem")
        let other = try Lineage(scratch.file("archive").string, below: scratch.path)
        let files = Stamp(of: other, in: live)
        #expect(files == Stamp(of: other))
        let site = try Lineage("site", below: scratch.path)
        let before = Stamp(of: site, in: live)
        try tick()
        try scratch.write("1", to: "live/site/cert.pem")
        let after = Stamp(of: site, in: live)
        #expect(after != before)
    }
}

/// Waits until the kernel's clock for files, which stands still for milliseconds, has moved on.
func tick() throws {
    let scratch = try ScratchDirectory()
    let first = Stamp(of: try scratch.write("1", to: "file"))
    while Stamp(of: try scratch.write("1", to: "file")) == first {}
}
