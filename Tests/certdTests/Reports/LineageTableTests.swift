import CertKit
import Testing

@testable import certd

/// A tree of lineages, each broken in its own way or healthy in an unusual one, and what is found on each.
@Suite struct LineageTableTests {
    @Test func `each of more than eighty lineages gets its own verdict and findings, and nothing else`() async throws {
        let document = try await LineageTree().document()
        let found = Dictionary(
            uniqueKeysWithValues: document.lineages.map { lineage in
                (lineage.name, ([lineage.state] + lineage.findings.map(\.id)).joined(separator: " "))
            })
        for (name, verdict) in LineageTable.verdicts { #expect(found[name] == verdict, "\(name)") }
        #expect(Set(found.keys) == Set(LineageTable.verdicts.keys))
        #expect(found.count >= 80)
        #expect(document.findings.isEmpty)
        for finding in document.lineages.flatMap(\.findings) {
            #expect(!finding.remedy.isEmpty && !finding.message.contains("\n"))
        }
    }

    @Test func `asking for some groups gives just what the whole answer says of them`() async throws {
        let tree = try await LineageTree()
        let whole = Dictionary(
            uniqueKeysWithValues: try await tree.document().lineages.map { ($0.name, $0) })
        let choices: [Set<FindingGroup>] =
            Check.selectable.map { [$0] } + [
                [.time, .chain], [.time, .chain, .key], [.key, .files], [.memory, .wire],
            ]
        for groups in choices {
            for lineage in try await tree.document(only: groups).lineages {
                let all = try #require(whole[lineage.name])
                // What keeps it from being read hides the rest, so it is told.
                let isHidden = all.leaf == nil && lineage.leaf == nil
                let expected = all.findings.filter { finding in
                    isHidden || FindingID(rawValue: finding.id).map { groups.contains($0.group) } ?? false
                }
                #expect(
                    lineage.findings.map(\.text) == expected.map(\.text), "\(lineage.name), \(groups.map(\.rawValue))")
                #expect(lineage.state == expected.first?.severity ?? "ok", "\(lineage.name)")
                // Nothing hides behind a file that nobody has asked for.
                guard all.leaf == nil else { continue }
                #expect(
                    (lineage.leaf != nil) == lineage.isWrong(beside: groups.parts),
                    "\(lineage.name), \(groups.map(\.rawValue))")
            }
        }
    }

    @Test func `dates, order and keys are told without verifying a signature`() async throws {
        let tree = try await LineageTree()
        let names = ["healthy", "healthy-rsa", "healthy-deep", "expired", "key-mismatch", "chain-reversed"]
        let pairs = names.count - 1  // key-mismatch has none
        for (groups, remembered) in [
            ([.time, .chain], 0...0), ([.time, .chain, .key], pairs...pairs), ([.bundle], (pairs + 1)...100),
        ] as [(Set<FindingGroup>, ClosedRange<Int>)] {
            let signatures = SignatureMemory()
            _ = try await tree.document(only: groups, recalling: signatures, of: names)
            // A heading and a digest of the whole, and a digest each.
            let bytes = signatures.recorded(forgettingUnused: false)?.count ?? 60
            #expect(remembered.contains((bytes - 60) / 32), "\(groups): \(bytes) bytes")
        }
    }
}

extension FindingStatus {
    /// All that is told of it.
    fileprivate var text: String { "\(severity) \(id) \(message) \(remedy) \(`where` ?? "-") \(line ?? 0)" }
}

extension LineageStatus {
    /// Whether only other files than `parts` keep it from being read.
    fileprivate func isWrong(beside parts: LineageParts) -> Bool {
        let isServed = [
            "cert-is-device", "empty-cert", "link-loop", "link-missing", "links-elsewhere", "other-leaf",
        ].contains(name)
        return switch parts {
        case .fullchain: isServed || name == "links-mixed" || name.hasPrefix("key-") || name.hasPrefix("refused-")
        case .pair: isServed
        case .all: false
        }
    }
}
