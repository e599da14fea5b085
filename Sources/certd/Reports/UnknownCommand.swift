import CertKit

/// A word that stands where a command belongs and is none.
struct UnknownCommand: UsageDiagnosis, Equatable {
    let name: String

    /// Looks where the command belongs; nil where nothing wrong stands there.
    init?(in arguments: [String]) {
        let word = arguments.first == "help" ? arguments.dropFirst().first : arguments.first
        guard let word, !word.hasPrefix("-"), word != "help", !Certd.commandNames.contains(word) else { return nil }
        name = word
    }

    var description: String { "no command is called \(name)" }
    var remedy: String {
        nearest(to: name, among: Certd.commandNames).map { "did you mean certd \($0)?" }
            ?? "there are: \(Certd.commandNames.joined(separator: ", ")); see certd --help"
    }
    var findingID: FindingID { .configurationInvalid }
    var blamesArguments: Bool { true }
}
