import CertKit

/// The plan as a person reads it.
extension InitPlan {
    var text: String {
        var lines = ["found"] + facts.map { "  \($0.printable)" }
        if steps.isEmpty {
            lines += ["", "nothing to change"]
        } else {
            lines += ["", "to change"] + steps.flatMap(\.lines).map { "  \($0.printable)" }
        }
        if !byHand.isEmpty {
            lines += ["", "for you to do"]
            for (what, remedy) in byHand {
                lines.append("  \(what.printable)")
                lines += remedy.split(separator: "\n").map { "    \(String($0).printable)" }
            }
        }
        return lines.joined(separator: "\n") + "\n\n"
    }

    /// What to call next.
    func next(isDryRun: Bool) -> String {
        if isDryRun { return steps.isEmpty ? "next: certd doctor\n" : "nothing was changed; next: certd init\n" }
        return byHand.isEmpty
            ? "next: certd deploy, then certd doctor\n"
            : "next: what is for you to do, above; then certd deploy and certd doctor\n"
    }
}
