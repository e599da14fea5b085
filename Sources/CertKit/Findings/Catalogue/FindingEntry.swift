/// What `certd explain` and `docs/findings.md` say of one rule: the text of the catalogue.
public struct FindingEntry: Sendable {
    /// The rule.
    public let id: FindingID
    /// What was seen.
    public let meaning: String
    /// What happens if nobody does anything.
    public let risk: String
    /// What to do, naming a command.
    public let remedy: String
    /// The severities that it can have, the usual one first.
    public let severities: [Severity]

    init(
        _ id: FindingID, or others: Severity..., meaning: String, risk: String, remedy: String
    ) {
        self.id = id
        severities = [id.usualSeverity] + others
        self.meaning = meaning
        self.risk = risk
        self.remedy = remedy
    }

    /// Every rule, in the order of the catalogue.
    public static var all: [FindingEntry] { time + chain + key + files + stations }
}

extension FindingID {
    /// What the catalogue says of it.
    public var entry: FindingEntry? { FindingEntry.all.first { $0.id == self } }
}

extension FindingEntry {
    /// Whether it keeps a deployment from going on, in words.
    public var effect: String {
        switch id.stops {
        case .never: "A deployment goes on."
        case .ifWorse:
            "Stops a deployment where what is served does not have the same fault, unless that has expired or has less than "
                + "a tenth of its life left."
        case .always: "Stops every deployment."
        }
    }
}
