import SystemPackage
import TestSupport
import Testing

@testable import CertKit

/// Every value that holds a private key, and every way in which Swift shows a value.
@Suite struct SecrecyTests {
    private let holders: [(String, Any)]

    init() throws {
        let bundle = Sample.leaf + Sample.intermediate + Sample.leafKey
        let scratch = try ScratchDirectory()
        let path = try scratch.write(bundle, to: "bundle.pem")
        let contents = try readFile(at: path)
        let parsed = try PEMContents(parsing: Array(bundle.utf8).span, file: "f.pem")
        let key = try parsed.soleKey(of: "f.pem")
        let leaf = try #require(parsed.certificates.first)
        let made = try Bundle(lineage: "l", leaf: leaf, chain: [try Certificate.sample(Sample.intermediate)], key: key)
        let generation = Generation(
            withoutKey: KeylessGeneration(
                lineage: try Lineage("l", below: "/etc/letsencrypt"), number: 1, leaf: leaf, chain: [], archive: nil,
                keyFiles: [], remarks: []),
            key: key)
        holders = [
            ("FileContents", contents), ("PEMContents", parsed), ("PrivateKey", key), ("Bundle", made),
            ("SecretBytes", made.rendered()), ("InstalledBundle", try InstalledBundle.read(at: path)),
            ("Optional", Optional(key) as Any), ("array", [contents]), ("Generation", generation),
        ]
    }

    @Test func `no value that holds a key shows it`() {
        for (kind, holder) in holders {
            var dumped = ""
            dump(holder, to: &dumped)
            var printed = ""
            print(holder, to: &printed)
            debugPrint(holder, to: &printed)
            for text in [dumped, printed, "\(holder)", String(reflecting: holder)] {
                #expect(!text.contains("LaYBDJI61gqz"), "\(kind)")
                // A dump of an array of bytes shows numbers, here the first of the key's secret half.
                let numbers = text.split { !$0.isNumber }.joined(separator: ",")
                #expect(!numbers.contains("45,166,1,12,146,58"), "\(kind)")
            }
        }
    }
}
