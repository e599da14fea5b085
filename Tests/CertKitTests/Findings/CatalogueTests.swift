import CertKit
import Testing

/// The catalogue is complete, and every remedy in it can be typed.
@Suite struct CatalogueTests {
    @Test(arguments: FindingID.allCases) func `every finding has one entry, with a remedy that names a command`(
        id: FindingID
    ) throws {
        let entries = FindingEntry.all.filter { $0.id == id }
        #expect(entries.count == 1)
        let entry = try #require(entries.first)
        #expect(entry.severities.first == id.usualSeverity)
        #expect(Set(entry.severities).count == entry.severities.count)
        let commands = [
            "certbot ", "certd ", "openssl ", "chmod ", "systemctl ", "timedatectl", "ls ", "head ", "namei ", "mv ",
            "haproxy ", "socat ", "ss -",
        ]
        #expect(commands.contains { entry.remedy.contains($0) })
        for text in [entry.meaning, entry.risk, entry.remedy] { #expect(text.hasSuffix(".") && !text.contains("  ")) }
    }

    @Test func `what stops a deployment is what the design says, and no new finding does`() {
        let stopping = FindingID.allCases.filter { $0.stops != .never }.map(\.rawValue)
        #expect(
            Set(stopping) == [
                "expired", "not-yet-valid", "intermediate-expired", "chain-incomplete", "chain-broken",
                "staging-issuer",
                "issuer-not-ca", "pathlen-exceeded", "name-constraint", "key-mismatch", "key-encrypted",
                "key-not-private", "key-ambiguous", "key-missing", "key-type-refused", "name-mismatch", "names-lost",
                "pem-unreadable", "not-pem", "file-too-large", "too-many-certificates", "not-a-file", "files-disagree",
                "generation-mixed", "downgrade-refused",
                // Beyond the design: what is not there or cannot be read cannot be deployed.
                "file-missing", "file-unreadable",
            ])
    }

    @Test func `ids are kebab case, and never change`() {
        #expect(
            Set(FindingID.allCases.map(\.rawValue)) == [
                "expired", "expiring", "not-yet-valid", "intermediate-expired", "outlives-issuer", "renewal-overdue",
                "validity-too-long", "clock-suspect", "chain-incomplete", "chain-broken", "chain-order",
                "root-in-chain", "duplicate-in-chain", "unrelated-in-chain", "untrusted", "self-signed",
                "staging-issuer", "issuer-not-ca", "pathlen-exceeded", "name-constraint", "key-mismatch",
                "key-encrypted", "key-not-private", "key-ambiguous", "key-missing", "key-type-refused", "weak-key",
                "weak-signature", "odd-key-type", "name-mismatch", "names-lost", "client-auth-lost", "no-san",
                "wrong-eku", "leaf-is-ca", "must-staple", "file-missing", "pem-unreadable", "not-pem",
                "file-too-large", "too-many-certificates", "not-a-file", "file-unreadable", "files-disagree",
                "generation-mixed", "generation-stale", "update-stuck", "live-not-symlink", "no-renewal-conf",
                "key-permissions", "bundle-missing", "bundle-stale", "bundle-was-symlink", "bundle-torn",
                "memory-stale", "memory-missing", "memory-unused", "companion-refused", "haproxy-unreachable",
                "old-workers", "transaction-open", "wire-stale", "wire-unreachable", "shadowed", "directory-unsafe",
                "deploy-failed", "downgrade-refused", "pinned", "lineage-removed", "configuration-invalid",
            ])
        #expect(FindingID.allCases.allSatisfy { $0.rawValue.allSatisfy { $0.isLowercase || $0 == "-" } })
        #expect(Set(FindingID.allCases.map(\.group)) == Set(FindingGroup.allCases))
    }
}
