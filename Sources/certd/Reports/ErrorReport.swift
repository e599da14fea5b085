import ArgumentParser
import CertKit

/// An error as a person meets it on standard error: what is wrong and where, then what to do about it.
///
///     certd: error: unknown key haproxy.sokcets (/etc/certd/certd.toml, line 12)
///     certd: hint: did you mean haproxy.sockets?
struct ErrorReport: Equatable {
    /// What to print, without the line ends.
    let lines: [String]
    /// Whether the command was called wrongly, instead of failing in what it was called for.
    let isUsage: Bool

    /// Reports `error`; nil for what is none to be told: help, a version, a status that a command ends with on purpose.
    ///
    /// - Parameters:
    ///   - error: What went wrong.
    ///   - lineage: Whose error it is, named in front of a description that does not begin with it.
    ///   - command: The command that was called, whose help is pointed at.
    init?(_ error: any Error, of lineage: String? = nil, command: String? = nil) {
        if let diagnosis = error as? any Diagnosis {
            let subject = lineage.map { diagnosis.description.hasPrefix("\($0): ") ? "" : "\($0): " } ?? ""
            let remedy = lineage.map { diagnosis.remedy.meaning(lineage: $0) } ?? diagnosis.remedy
            self.init(subject + diagnosis.placedDescription, hint: remedy, isUsage: diagnosis.isUsage)
        } else if error is ExitCode || Certd.exitCode(for: error).isSuccess {
            return nil
        } else {
            let isUsage = Certd.exitCode(for: error) == .validationFailure
            let (message, hint) = ErrorReport.split(Certd.message(for: error))
            self.init(
                message, hint: hint ?? (isUsage ? "see: certd \(command.map { "help \($0)" } ?? "--help")" : nil),
                isUsage: isUsage)
        }
    }

    private init(_ message: String, hint: String?, isUsage: Bool) {
        let hints = hint?.split(separator: "\n").map { "certd: hint: \(String($0).printable)" } ?? []
        lines = ["certd: error: \(message.printable)"] + hints
        self.isUsage = isUsage
    }

    /// The report as a monitoring plugin gives it.
    var pluginText: String {
        let texts = lines.map { $0.split(separator: ": ", maxSplits: 2).last.map(String.init) ?? $0 }
        return NagiosReport.text(.unknown, texts.first ?? "", hint: texts.count > 1 ? texts[1] : nil)
    }

    /// The status to exit with: a check that cannot be made is unknown, whatever kept it.
    func exitCode(ofCheck isCheck: Bool) -> ExitCode {
        if isCheck { return ExitCode(3) }
        return ExitCode(isUsage ? 2 : 1)
    }

    /// The argument parser's words in our form: lower case, without a full stop, its guess as a hint of its own.
    private static func split(_ message: String) -> (message: String, hint: String?) {
        for (separator, lead) in [(". Did you mean ", "did you mean "), (". Please provide ", "give ")] {
            let parts = message.split(separator: separator, maxSplits: 1)
            guard parts.count == 2 else { continue }
            return (calm(parts[0]), lead + calm(parts[1]))
        }
        return (calm(message[...]), nil)
    }

    private static func calm(_ text: Substring) -> String {
        let text = text.hasSuffix(".") ? text.dropLast() : text
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}

/// An error that may lie in how the command was called.
protocol UsageDiagnosis: Diagnosis {
    /// Whether it was one of the command's own arguments.
    var blamesArguments: Bool { get }
}

extension Diagnosis {
    fileprivate var isUsage: Bool { (self as? any UsageDiagnosis)?.blamesArguments ?? false }

    /// The description with the place behind it, unless the description names that already.
    fileprivate var placedDescription: String {
        guard let location, !description.contains(location) else { return description }
        let place = line.map { "\(location), line \($0)" } ?? location
        return "\(description) (\(place))"
    }
}
