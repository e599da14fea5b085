import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// What keeps a generation from being deployed, and when that is lifted.
@Suite struct GuardsTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)
    private static let day = 86_400.0

    /// What is served, as far as the guards ask: 90 days of validity, of which `left` are left.
    private func served(
        left: Double = 60, findings: Set<FindingID> = [], isSelfSigned: Bool = false, names: [String] = [],
        number: Int? = nil, isForClients: Bool = false
    ) -> Served {
        let end = Self.now.addingTimeInterval(left * Self.day)
        return Served(
            notBefore: end.addingTimeInterval(-90 * Self.day), notAfter: end, names: names, isSelfSigned: isSelfSigned,
            isForClientAuthentication: isForClients, fingerprint: nil, generationNumber: number,
            findings: left < 0 ? findings.union([.expired]) : findings)
    }

    /// Which of `ids`, found on the new generation, stop it.
    private func stopping(_ ids: [FindingID], served: Served?, isForced: Bool = false) -> Set<FindingID> {
        let findings = ids.map { Finding($0, "seen", remedy: "look") }
        return Set(Guards(now: Self.now, isForced: isForced).stopping(findings, served: served).map(\.id))
    }

    private static let always = FindingID.allCases.filter { $0.stops == .always }
    private static let ifWorse = FindingID.allCases.filter { $0.stops == .ifWorse }
    private static let never = FindingID.allCases.filter { $0.stops == .never }

    @Test(arguments: ifWorse) func `a fault stops where what is served does not have it`(id: FindingID) {
        #expect(stopping([id], served: served()) == [id])
        #expect(stopping([id], served: served(findings: [id])) == [])
        #expect(stopping([id], served: served(findings: [.expiring])) == [id])
        #expect(stopping([id], served: nil) == [])
        #expect(stopping([id], served: served(), isForced: true) == [])
    }

    @Test(arguments: always) func `some faults stop whatever is served`(id: FindingID) {
        for served in [nil, served(), served(left: -1), served(findings: [id]), served(isSelfSigned: true)] {
            #expect(stopping([id], served: served) == [id])
        }
        #expect(stopping([id], served: served(), isForced: true) == (id == .keyMismatch ? [id] : []))
    }

    @Test(arguments: never) func `other faults are only told`(id: FindingID) {
        #expect(stopping([id], served: served()) == [])
    }

    @Test(arguments: [(9.1, false), (8.9, true), (0, true), (-1, true)])
    func `close to the end of what is served, a fault is better than nothing`(left: Double, isLifted: Bool) {
        for id in Self.ifWorse where id != .expired {
            #expect(stopping([id], served: served(left: left)) == (isLifted ? [] : [id]), "\(id)")
        }
    }

    @Test func `a certificate whose own dates are bad is no better than one at its end`() {
        #expect(
            stopping([.chainIncomplete, .notYetValid], served: served(left: -1)) == [.chainIncomplete, .notYetValid])
        #expect(stopping([.chainIncomplete, .expired], served: served(left: 1)) == [.chainIncomplete, .expired])
    }

    @Test func `over a self-signed certificate anything goes that is not over`() {
        for id in Self.ifWorse {
            let expected: Set<FindingID> = id == .expired ? [id] : []
            #expect(stopping([id], served: served(isSelfSigned: true)) == expected, "\(id)")
        }
    }

    @Test(
        arguments: [
            (["pbx.example.org"], []), (["PBX.example.org"], []), (["*.example.org"], []),
            (["pbx.example.org", "sip.example.com"], ["sip.example.com"]), (["*.example.com"], ["*.example.com"]),
            (["example.org", "a.b.example.org"], ["example.org", "a.b.example.org"]),
        ])
    func `names that are no longer covered are lost`(names: [String], lost: [String]) async throws {
        let new = try await generation(1, ["--names", "*.example.org,*.sip.example.org"])

        let found = Guards(now: Self.now, isForced: false).comparison(of: new, with: served(names: names))

        #expect(found.map(\.id) == (lost.isEmpty ? [] : [.namesLost]))
        #expect(lost.allSatisfy { found[0].message.contains($0) })
        #expect(found.allSatisfy { !$0.remedy.contains("--force") })
    }

    @Test func `clientAuth is missed only where it was served`() async throws {
        let without = try await generation(1, [])
        let with = try await generation(1, ["--case", "client-auth"])
        let guards = Guards(now: Self.now, isForced: false)

        #expect(guards.comparison(of: without, with: served(isForClients: true)).map(\.id) == [.clientAuthLost])
        #expect(guards.comparison(of: without, with: served()) == [])
        #expect(guards.comparison(of: with, with: served(isForClients: true)) == [])
    }

    @Test(
        arguments: [
            // The new one begins with `now`; the served one 30 days before it, or 30 days after.
            (number: 2 as Int?, isNewer: false, isOlder: false), (number: 4, isNewer: false, isOlder: true),
            (number: 3, isNewer: true, isOlder: false), (number: nil, isNewer: true, isOlder: true),
            (number: nil, isNewer: false, isOlder: false), (number: 2, isNewer: true, isOlder: false),
        ])
    func `older than served goes by certbot's number, else by notBefore`(
        number: Int?, isNewer: Bool, isOlder: Bool
    ) async throws {
        let new = try await generation(3, [])
        let left: Double = isNewer ? 120 : 60
        let guards = Guards(now: Self.now, isForced: false)

        let found = guards.comparison(of: new, with: served(left: left, number: number))

        #expect(found.map(\.id) == (isOlder ? [.downgradeRefused] : []))
    }

    @Test func `what is expired or self-signed is never newer`() async throws {
        let new = try await generation(3, [])
        let guards = Guards(now: Self.now, isForced: false)

        #expect(guards.comparison(of: new, with: served(left: -1, number: 4)) == [])
        #expect(guards.comparison(of: new, with: served(isSelfSigned: true, names: ["lost.example"], number: 4)) == [])
    }

    @Test func `where processes serve different certificates, the new one may be worse than none of them`() async throws
    {
        let new = try await generation(3, [])
        let guards = Guards(now: Self.now, isForced: false)
        let lenient = [served(left: 1), served(isSelfSigned: true), served(findings: [.chainIncomplete])]
        for first in lenient {
            var both = first
            #expect(stopping([.chainIncomplete], served: both) == [])
            both.others = [served()]
            #expect(stopping([.chainIncomplete], served: both) == [.chainIncomplete])
        }
        var both = served(number: 2)
        both.others = [served(names: ["sip.example.com"], number: 4)]
        #expect(Set(guards.comparison(of: new, with: both).map(\.id)) == [.downgradeRefused, .namesLost])
    }

    @Test func `what is to do is told once for each thing, and --force once`() throws {
        let findings = [
            Finding(.chainIncomplete, "a", remedy: "renew"), Finding(.stagingIssuer, "b", remedy: "renew"),
            Finding(.namesLost, "c", remedy: "expand"),
        ]
        let error = DeploymentError.stopped(lineage: "pbx", findings: findings)
        #expect(
            error.remedy.split(separator: "\n") == [
                "renew", "expand", "to deploy it all the same: certd deploy --force pbx",
            ])
        let mismatch = DeploymentError.stopped(
            lineage: "pbx", findings: [Finding(.keyMismatch, "d", remedy: "compare")])
        #expect(mismatch.remedy == "compare")
    }

    /// A generation that begins with the fixed time of these tests.
    private func generation(_ number: Int, _ options: [String]) async throws -> Generation {
        let scratch = try ScratchDirectory()
        try await MadeCertificates.lineage(
            "pbx.example.org", below: scratch.path, ["--generation", "\(number)", "--not-before=+0d"] + options,
            now: Self.now.formatted(.iso8601))
        let lineage = try Lineage("pbx.example.org", below: scratch.path)
        return try await GenerationReader(bound: .seconds(5)) { Date.now }.read(lineage, on: ContinuousClock())
    }
}
