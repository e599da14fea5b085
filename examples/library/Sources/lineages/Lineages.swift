import CertKit
import FoundationEssentials
import SystemPackage

/// Lists certbot's lineages with the days they have left, and what is wrong with those that cannot be used: a program that uses
/// CertKit.
///
///     swift run --package-path examples/library lineages /etc/letsencrypt
@main
enum Lineages {
    static func main() async throws {
        let letsencrypt = FilePath(CommandLine.arguments.dropFirst().first ?? "/etc/letsencrypt")
        let reader = GenerationReader { Date.now }
        for lineage in try Lineage.all(below: letsencrypt) {
            do {
                let generation = try await reader.readWithoutKey(lineage, on: ContinuousClock())
                let days = Int(generation.leaf.notAfter.timeIntervalSinceNow / 86_400)
                let names = generation.leaf.names.map(\.description).joined(separator: " ")
                print("\(lineage.name): \(days) days left, \(names)")
            } catch {
                print("\(error)\n  fix: \(error.remedy)")
            }
        }
    }
}
