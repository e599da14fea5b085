import CertKit
import FoundationEssentials
import SystemPackage
import TestSupport

/// A host on which names of lineages, files, links, subjects and SANs hold whatever a name should not.
enum HostileProgram {
    static let link = "nowhere\n\r|\u{1B}[2J\u{202E}\u{2028}critical: healthy: expired"
    /// The lineages that there are.
    static let names = ["broken", "healthy", "hostile", "linked"]
    /// What files of certificates are called in ``files(of:)``; one more has a name that is not UTF-8.
    static let fileNames = [
        "a\nb.pem", "a|b.pem", "a\u{1B}[31mb.pem", "\u{202E}c\u{2066}.pem", "a  critical  -  -  d.pem", "a'b=c;1.pem",
        #"a"b\.pem"#, "a\u{7F}\u{85}b.pem", "a = b # } 1.pem",
    ]

    static func make() async throws -> BuiltProgram {
        let program = try await BuiltProgram(lineages: [
            ("broken", ["--case", "expired"]), ("healthy", []), ("hostile", ["--case", "hostile-text"]), ("linked", []),
        ])
        let live = program.letsencrypt.appending("live")
        let file = live.appending("linked/chain.pem").string
        try FileManager.default.removeItem(atPath: file)
        try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: link)
        // Names that certbot would not give to a lineage, and no argument could mean.
        for name in ["a\nb", "a|b", "a b", "\u{202E}c"] {
            try FileManager.default.createDirectory(
                atPath: live.appending(name).string, withIntermediateDirectories: false)
        }
        try await requireTool("sh", ["-c", #"mkdir "$(printf '%s/d\377' "$1")""#, "sh", live.string])
        let files = files(of: program).string
        try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: false)
        let chain = try text(of: live.appending("hostile/fullchain.pem"))
        for name in fileNames { try program.scratch.write(chain, to: "files/\(name)") }
        try await requireTool(
            "sh",
            [
                "-c", #"cp "$1" "$(printf '%s/e\377.pem' "$2")""#, "sh",
                live.appending("hostile/fullchain.pem").string, files,
            ])
        return program
    }

    /// The directory of files of certificates.
    static func files(of program: BuiltProgram) -> FilePath { program.scratch.file("files") }

    /// Whether nothing but line feeds could move a cursor or turn text around.
    static func isPlain(_ text: String) -> Bool {
        text.split(separator: "\n").allSatisfy { String($0).printable == $0 }
    }
}
