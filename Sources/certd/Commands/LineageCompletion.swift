import ArgumentParser
import CertKit
import FoundationEssentials

extension CompletionKind {
    /// The lineages that a shell offers: those of the configuration that the command line names, as far as its user may see
    /// them, which below certbot's directory is root.
    static var lineage: CompletionKind {
        .custom { words, _, _ in
            let named = words.firstIndex(of: "--config").map { words[words.index(after: $0)...].prefix(1) } ?? []
            let options = try? GlobalOptions.parse(named.flatMap { ["--config", $0] })
            guard let settings = try? options?.settings() else { return [] }
            return settings.lineages(with: (try? settings.certbotLineages()) ?? []).map(\.name)
        }
    }
}
