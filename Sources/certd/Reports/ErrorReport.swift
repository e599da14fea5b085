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
    init?(_ error: any Error) {
        if let diagnosis = error as? any Diagnosis {
            self.init(diagnosis.placedDescription, hint: diagnosis.remedy, isUsage: diagnosis.isUsage)
        } else if error is ExitCode || Certd.exitCode(for: error).isSuccess {
            return nil
        } else {
            let isUsage = Certd.exitCode(for: error) == .validationFailure
            let (message, hint) = ErrorReport.split(Certd.message(for: error))
            self.init(message, hint: hint ?? (isUsage ? "see: certd --help" : nil), isUsage: isUsage)
        }
    }

    private init(_ message: String, hint: String?, isUsage: Bool) {
        let hints = hint?.split(separator: "\n").map { "certd: hint: \(String($0).printable)" } ?? []
        lines = ["certd: error: \(message.printable)"] + hints
        self.isUsage = isUsage
    }

    /// The status to exit with: a check that cannot be made is unknown, whatever kept it.
    func exitCode(ofCheck isCheck: Bool) -> ExitCode {
        if isCheck { return ExitCode(3) }
        return ExitCode(isUsage ? 2 : 1)
    }

    /// The argument parser's words in our form: lower case, without a full stop, its guess as a hint of its own.
    private static func split(_ message: String) -> (message: String, hint: String?) {
        let parts = message.split(separator: ". Did you mean ", maxSplits: 1)
        guard let first = parts.first else { return (message, nil) }
        let what = first.prefix(1).lowercased() + first.dropFirst()
        return (what, parts.count > 1 ? "did you mean \(parts[1])" : nil)
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
