import CertKit
import FoundationEssentials

/// One specimen for a person: what it is, the chain as a tree, the validity as a bar, each finding where it belongs.
struct InspectionText {
    let specimen: Specimen
    let now: Date
    var painter = Painter.plain

    /// The whole text with a final newline.
    func text() -> String {
        guard let chain = specimen.chain else {
            let lines = ["\(specimen.name.printable): \(specimen.kind)"] + specimen.findings.flatMap(lines)
            return lines.map { $0 + "\n" }.joined()
        }
        let leaf = chain.leaf
        let names = leaf.names.map(\.description.printable)
        var lines = ["\(specimen.name.printable): \(specimen.kind)", ""]
        lines += field("names", names.isEmpty ? "none" : names.joined(separator: ", "))
        lines += field("subject", leaf.subject.description.printable)
        lines += field("issuer", leaf.issuer.description.printable)
        lines += field("key", "\(leaf.publicKey), signed with \(leaf.signatureAlgorithm)")
        lines += field("serial", leaf.serial.description)
        lines += field("sha256", leaf.fingerprint.description)
        lines += found(.key)
        lines += ["", "chain"] + tree(of: chain) + found(.chain)
        lines += ["", "validity"] + validity(of: leaf) + found(.time)
        let others = specimen.findings.filter { ![.key, .chain, .time].contains($0.id.group) }
        if !others.isEmpty { lines += [""] + others.flatMap(self.lines) }
        return lines.map { $0 + "\n" }.joined()
    }

    private func field(_ name: String, _ text: String) -> [String] {
        let lines = text.wrapped(to: 68)
        return lines.enumerated().map { "  \(($0.offset == 0 ? name : "").padding(to: 8)) \($0.element)" }
    }

    /// What was sent, each certificate below the one that it issued, and the anchor that nobody has to send.
    private func tree(of chain: Chain) -> [String] {
        var members = [(chain.leaf, "leaf")] + chain.path.map { ($0, "intermediate") }
        if let anchor = chain.anchor, !chain.path.contains(anchor), anchor != chain.leaf {
            let role = chain.sent.contains(anchor) ? "trust anchor, sent too" : "trust anchor, from the store"
            members.insert((anchor, role), at: 1 + chain.neededCount)
        }
        var lines = members.enumerated().map { depth, member in
            let (certificate, role) = member
            let branch = depth == 0 ? "  " : "  " + String(repeating: "   ", count: depth - 1) + "`- "
            return
                "\(branch)\(title(certificate)) (\(role), \(certificate.publicKey), ends \(day(certificate.notAfter)))"
        }
        if chain.anchor == nil {
            let branch = "  " + String(repeating: "   ", count: members.count - 1) + "`- "
            lines.append("\(branch)? \((members.last?.0.issuer.description ?? "").printable), which is not here")
        }
        let shown = members.map(\.0)
        lines += chain.sent.filter { !shown.contains($0) }.map { "  beside it: \(title($0)), ends \(day($0.notAfter))" }
        return lines
    }

    private func title(_ certificate: Certificate) -> String {
        (certificate.subject.commonName
            ?? (certificate.subject.isEmpty
                ? certificate.names.first?.description : certificate.subject.description) ?? "without a name")
            .printable
    }

    private func day(_ date: Date) -> String { date.utc("%Y-%m-%d") }

    private func validity(of leaf: Certificate) -> [String] {
        let width = 40.0
        let used = min(max(now.timeIntervalSince(leaf.notBefore) / max(leaf.lifetime, 1), 0), 1)
        let full = Int((used * width).rounded(.down))
        let bar = String(repeating: "#", count: full) + String(repeating: "-", count: Int(width) - full)
        let left = now < leaf.notBefore ? "not yet valid" : timeLeft(until: leaf.notAfter, from: now)
        let isOver = now > leaf.notAfter || now < leaf.notBefore
        return [
            "  \(day(leaf.notBefore)) [\(bar)] \(day(leaf.notAfter))",
            "  \(Int((used * 100).rounded(.down)))% used, \(isOver ? left : "\(left) left") (\(minuteTime(leaf.notAfter)))",
        ]
    }

    private func found(_ group: FindingGroup) -> [String] {
        specimen.findings.filter { $0.id.group == group }.flatMap(lines)
    }

    private func lines(_ finding: Finding) -> [String] {
        FindingStatus(finding, of: specimen.name).lines(of: nil, at: specimen.name.printable, painter: painter).map {
            "  " + $0
        }
    }
}

extension Specimen {
    /// The certificates as PEM, the leaf first, the others as they came.
    var pem: String {
        guard let chain else { return "" }
        return ([chain.leaf] + chain.sent).map(\.pem).joined()
    }
}
