/// One thing seen: what, how bad, where, and what to do about it.
public struct Finding: Sendable, Hashable {
    /// Which rule of the catalogue.
    public let id: FindingID
    /// How bad it is here and now.
    public let severity: Severity
    /// What was seen, with the facts; may hold hostile text from a certificate and is escaped where it is shown.
    public let message: String
    /// What to do, naming a command.
    public let remedy: String
    /// The file, HAProxy name or address it concerns.
    public let location: String?
    /// The line in the file, counted from 1.
    public let line: Int?

    /// Makes a finding; without a severity it has the usual one of its id.
    public init(
        _ id: FindingID, severity: Severity? = nil, _ message: String, remedy: String, location: String? = nil,
        line: Int? = nil
    ) {
        self.id = id
        self.severity = severity ?? id.usualSeverity
        self.message = message
        self.remedy = remedy
        self.location = location
        self.line = line
    }
}

/// An error that is also a finding: it says what is wrong and where, and what to do next.
///
/// Every error that an operator can meet conforms, so that `deploy` and `check` name the same thing in the same words.
public protocol Diagnosis: Error, Sendable, CustomStringConvertible {
    /// The rule of the catalogue this error falls under.
    var findingID: FindingID { get }
    /// What an operator can do about it, naming a command.
    var remedy: String { get }
    /// The file, HAProxy name or address it concerns.
    var location: String? { get }
    /// The line in the file, counted from 1.
    var line: Int? { get }
}

extension Diagnosis {
    /// Unless the error knows better, no particular place.
    public var location: String? { nil }
    /// Unless the error knows better, no particular line.
    public var line: Int? { nil }
    /// The error as a finding.
    public var finding: Finding {
        Finding(findingID, description, remedy: remedy, location: location, line: line)
    }
}
