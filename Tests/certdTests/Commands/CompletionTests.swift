import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// The completions, by the shell that they are for.
@Suite struct CompletionTests {
    @Test(arguments: [
        (["deploy", "p"], ["pbx.example.org"]), (["check", ""], ["pbx.example.org", "web.example.org"]),
        (["rollback", "web"], ["web.example.org"]), (["explain", "chain-i"], ["chain-incomplete"]),
        (["roll"], ["rollback"]),
    ])
    func `bash offers lineages, findings and commands`(words: [String], offered: [String]) async throws {
        let scratch = try ScratchDirectory()
        for lineage in ["pbx.example.org", "web.example.org"] {
            try await requireTool("mkdir", ["-p", scratch.file("live/\(lineage)").string])
        }
        let program = try await BuiltProgram().path
        try FileManager.default.createSymbolicLink(
            atPath: scratch.file("certd").string, withDestinationPath: program.string)
        let script = """
            PATH=$1:$PATH; export CERTD_LETSENCRYPT_DIRECTORY=$1; shift
            source <(certd --generate-completion-script bash)
            COMP_WORDS=(certd "$@"); COMP_CWORD=$#; COMP_LINE="certd $*"; COMP_POINT=${#COMP_LINE}
            _certd certd "${@: -1}"; printf '%s\\n' "${COMPREPLY[@]}"
            """
        let run = try await runTool("bash", ["-c", script, "bash", scratch.path.string] + words)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.split(separator: "\n").map { $0.filter { $0 != " " } }.sorted() == offered, "\(run.errors)")
    }
}
