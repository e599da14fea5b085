import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport

/// A lineage named site in certbot's layout, with real certificates, in a directory of a test's own.
struct MadeLineage {
    let scratch: ScratchDirectory
    let letsencrypt: FilePath
    let lineage: Lineage

    private let now: String?

    /// Makes generation 1; the options are those of `make-certificates lineage`. Without a time it begins by the clock.
    init(_ options: [String] = [], now: String? = MadeCertificates.now) async throws {
        self.now = now
        scratch = try ScratchDirectory()
        letsencrypt = scratch.file("letsencrypt")
        lineage = try Lineage("site", below: letsencrypt)
        try await MadeCertificates.lineage("site", below: letsencrypt, options, now: now)
    }

    /// Renews to `number`.
    func renew(to number: Int, _ options: [String] = []) async throws {
        try await MadeCertificates.lineage(
            "site", below: letsencrypt, ["--generation", "\(number)"] + options, now: now)
    }

    /// The path of a file of the lineage, from the scratch directory on.
    func live(_ name: String) -> String { "letsencrypt/live/site/\(name)" }
    func archive(_ name: String) -> String { "letsencrypt/archive/site/\(name)" }

    /// Turns a link of the lineage to something else.
    func relink(_ name: String, to text: String) throws {
        try scratch.remove(live(name))
        try scratch.makeLink(live(name), to: text)
    }

    /// Reads the lineage `age` after the last change to it, and from then on by `clock`.
    func read(
        after age: Duration = .seconds(3600), bound: Duration = .seconds(10), keyGroups: Set<UInt32> = [],
        on clock: SteppingClock = SteppingClock(), as other: Lineage? = nil
    ) async throws(LineageError) -> Generation {
        try await reader(after: age, bound: bound, keyGroups: keyGroups, on: clock, of: other)
            .read(other ?? lineage, on: clock)
    }

    /// A reader whose time begins `age` after the last change to the lineage.
    func reader(
        after age: Duration, bound: Duration = .seconds(10), keyGroups: Set<UInt32> = [],
        on clock: SteppingClock = SteppingClock(), of other: Lineage? = nil
    ) -> GenerationReader {
        // The kernel stamps files with real time, so only what it has stamped can be the fixed point.
        let start = lastChange(of: other)
        return GenerationReader(bound: bound, keyGroups: keyGroups) {
            Date(timeIntervalSince1970: (start + age + clock.now.offset) / .seconds(1))
        }
    }

    /// When the lineage was last changed, since 1970.
    func lastChange(of other: Lineage? = nil) -> Duration {
        let lineage = other ?? lineage
        guard let directory = try? DirectoryHandle(opening: lineage.directory), let own = try? directory.identity()
        else {
            return .zero
        }
        let files = ["cert.pem", "privkey.pem", "chain.pem", "fullchain.pem"].compactMap {
            try? readFile(at: lineage.directory.appending($0)).identity.changed
        }
        return files.reduce(own.changed, max)
    }
}
