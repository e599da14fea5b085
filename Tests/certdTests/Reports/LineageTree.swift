import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport

@testable import certd

/// The tree of lineages on disk: every case of the certificate script, and healthy ones broken by hand.
struct LineageTree {
    let scratch: ScratchDirectory
    var letsencrypt: FilePath { scratch.file("letsencrypt") }
    var root: FilePath { letsencrypt.appending("pki/root.pem") }

    init() async throws {
        scratch = try ScratchDirectory()
        try await MadeCertificates.tree(below: letsencrypt, also: BrokenLineages.all.map(\.name))
        for (name, act) in BrokenLineages.all { try await act(LineageFiles(letsencrypt: letsencrypt, name: name)) }
    }

    /// An hour later than the tests began, when nothing looks like the middle of an update any more.
    static let moment = Date.now + 3600

    /// What certd says then.
    func document(
        only groups: Set<FindingGroup> = Set(FindingGroup.allCases), recalling signatures: SignatureMemory? = nil,
        of names: [String] = []
    ) async throws -> StatusDocument {
        let inventory = try await inventory()
        let checker = Checker(inventory: inventory, signatures: signatures, groups: groups)
        return await checker.document(of: try inventory.lineages(named: names))
    }

    /// What there is to look at then.
    func inventory() async throws -> Inventory {
        let toml = """
            [letsencrypt]
            directory = "\(letsencrypt)"
            [haproxy]
            sockets = []
            [check]
            trust = "\(root)"
            [paths]
            state = "\(scratch.file("state"))"
            """
        var world = World.live
        world.now = { Self.moment }
        return try await Inventory(settings: try load(toml), world: world)
    }
}
