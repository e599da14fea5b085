import CertKit
import FoundationEssentials
import TestSupport
import Testing

@testable import certd

@Suite struct StatusDocumentTests {
    private func status(_ name: String, _ severities: Severity...) -> LineageStatus {
        LineageStatus(
            name: name, leaf: nil, stations: [],
            findings: severities.map { Finding(.expiring, severity: $0, "\($0)", remedy: "wait") })
    }

    private func document(_ lineages: [LineageStatus], _ findings: [Finding] = []) -> StatusDocument {
        StatusDocument(lineages: lineages, findings: findings, at: MadeLeaf.now)
    }

    @Test func `critical comes before unknown, warning and ok, then the names`() {
        let ranked = document([
            status("ok"), status("b", .warning), status("a", .warning), status("lost", .unknown),
            status("bad", .warning, .critical),
        ])
        #expect(ranked.lineages.map(\.name) == ["bad", "lost", "a", "b", "ok"])
        #expect(ranked.state == "critical")
        #expect(ranked.lineages.first?.findings.map(\.severity) == ["critical", "warning"])
    }

    @Test(
        arguments: [
            ([], nil, "unknown"), ([.ok], nil, "ok"), ([.ok, .warning], nil, "warning"),
            ([.warning, .unknown], nil, "unknown"),
            ([.unknown, .critical], nil, "critical"), ([.ok], .warning, "warning"), ([], .critical, "critical"),
            ([], .warning, "unknown"),
        ] as [([Severity], Severity?, String)])
    func `the verdict is the worst of all`(lineages: [Severity], general: Severity?, state: String) {
        let findings = general.map { [Finding(.haproxyUnreachable, severity: $0, "down", remedy: "start it")] } ?? []
        #expect(document(lineages.map { status("a", $0) }, findings).state == state)
    }

    @Test func `the JSON is stable to the letter`() async throws {
        let scratch = try ScratchDirectory()
        let leaf = try await MadeLeaf("healthy", in: scratch).leaf
        let lineage = LineageStatus(
            name: "pbx.example.org", leaf: leaf,
            stations: [
                StationStatus(station: "bundle", where: "/c/pbx.pem", state: "in-sync", sha256: "ab"),
                StationStatus(station: "memory", where: "/run/admin.sock", state: "stale", serial: "01"),
            ],
            findings: [
                Finding(
                    .memoryStale, "pbx.example.org: another", remedy: "certd deploy LINEAGE", location: "/x", line: 3)
            ])
        #expect(
            try document([lineage]).json() == """
                {
                  "checked_at" : "2026-11-23T00:00:00Z",
                  "findings" : [

                  ],
                  "lineages" : [
                    {
                      "findings" : [
                        {
                          "id" : "memory-stale",
                          "line" : 3,
                          "message" : "another",
                          "remedy" : "certd deploy pbx.example.org",
                          "severity" : "critical",
                          "where" : "/x"
                        }
                      ],
                      "leaf" : {
                        "issuer" : "\(leaf.issuer)",
                        "issuer_cn" : "\(leaf.issuer.commonName ?? "")",
                        "key" : "EC P-256",
                        "names" : [
                          "pbx.example.org"
                        ],
                        "not_after" : "\(leaf.notAfter.formatted(.iso8601))",
                        "not_before" : "\(leaf.notBefore.formatted(.iso8601))",
                        "serial" : "\(leaf.serial)",
                        "sha256" : "\(leaf.fingerprint)",
                        "subject_cn" : "\(leaf.subject.commonName ?? "")"
                      },
                      "name" : "pbx.example.org",
                      "state" : "critical",
                      "stations" : [
                        {
                          "sha256" : "ab",
                          "state" : "in-sync",
                          "station" : "bundle",
                          "where" : "/c/pbx.pem"
                        },
                        {
                          "serial" : "01",
                          "state" : "stale",
                          "station" : "memory",
                          "where" : "/run/admin.sock"
                        }
                      ]
                    }
                  ],
                  "schema_version" : 1,
                  "source" : "files",
                  "state" : "critical"
                }

                """)
    }
}
