import ArgumentParser
import CertKit

/// `certd explain`: what a finding means, and what to do about it.
struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says what a finding means and what to do about it.",
        discussion: """
            EXAMPLES
              certd explain                     every finding there is
              certd explain chain-incomplete    meaning, risk and remedy of one
            """
    )

    @Argument(
        help: ArgumentHelp("The name of a finding, as certd check prints it.", valueName: "finding"),
        completion: .list(FindingID.allCases.map(\.rawValue)))
    var findings: [String] = []

    @Flag(help: ArgumentHelp("Print docs/findings.md.", visibility: .hidden))
    var markdown = false

    func run() throws {
        if markdown { return StandardOutput.write(FindingCatalogue.markdown) }
        let entries = try findings.map { name in
            guard let entry = FindingID(rawValue: name)?.entry else { throw UnknownFinding(name: name) }
            return entry
        }
        StandardOutput.write(entries.isEmpty ? FindingCatalogue.list : FindingCatalogue.text(entries))
    }
}

/// A word that stands where a finding belongs and is none.
struct UnknownFinding: UsageDiagnosis, Equatable {
    let name: String

    var description: String { "no finding is called \(name)" }
    var remedy: String {
        nearest(to: name, among: FindingID.allCases.map(\.rawValue)).map { "did you mean certd explain \($0)?" }
            ?? "see which there are: certd explain"
    }
    var findingID: FindingID { .configurationInvalid }
    var blamesArguments: Bool { true }
}
