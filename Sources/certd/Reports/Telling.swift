import CertKit
import SystemPackage

/// Standard error is the conversation; standard output is the answer.
extension ErrorReport {
    /// Prints the report.
    func tell() {
        for line in lines { ErrorReport.write(line) }
    }

    /// Prints `error`, which kept `lineage` from being dealt with, unless it is none to be told.
    static func tell(_ error: any Error, of lineage: String) {
        ErrorReport(error, of: lineage)?.tell()
    }

    /// Prints an error that is no value of a type.
    static func tell(_ message: String, hint: String) {
        write("certd: error: \(message)")
        write("certd: hint: \(hint)")
    }

    /// What was found on a lineage and did not stand in the way.
    static func lines(_ finding: Finding, of lineage: String) -> [String] {
        let subject = finding.message.hasPrefix(lineage) ? "" : "\(lineage): "
        let text = "\(subject)\(finding.id.rawValue): \(finding.message)".printable
        return [
            "certd: \(finding.severity.rawValue): \(text)",
            "certd: hint: \(finding.remedy.meaning(lineage: lineage).printable)",
        ]
    }

    /// Prints a line.
    static func write(_ line: String) {
        _ = try? FileDescriptor.standardError.writeAll("\(line)\n".utf8)
    }
}
