import CertKit

/// The catalogue of findings as people read it: in a terminal, and as a page of the documentation.
enum FindingCatalogue {
    /// One line a finding.
    static var list: String {
        let entries = FindingEntry.all
        let width = entries.map(\.id.rawValue.count).max() ?? 0
        let header = "\("FINDING".padding(to: width))  \("GROUP".padding(to: 7))  SEVERITY"
        return
            ([header]
            + entries.map {
                "\($0.id.rawValue.padding(to: width))  \($0.id.group.rawValue.padding(to: 7))  \($0.severity)"
            })
            .joined(separator: "\n") + "\n"
    }

    /// The paragraphs of some findings, for a terminal of 80 columns.
    static func text(_ entries: [FindingEntry]) -> String {
        entries.map { entry in
            let parts = [
                ("means", entry.meaning), ("risk", entry.risk), ("fix", entry.remedy), ("deploy", entry.effect),
            ]
            return "\(entry.id.rawValue): \(entry.severity), group \(entry.id.group.rawValue)\n"
                + parts.map { label, text in
                    "  \(label.padding(to: 6))  "
                        + text.wrapped(to: 68).joined(separator: "\n" + "".padding(to: 10)) + "\n"
                }.joined()
        }.joined(separator: "\n")
    }

    /// `docs/findings.md`.
    static var markdown: String {
        let groups = FindingGroup.allCases.map { group in
            let entries = FindingEntry.all.filter { $0.id.group == group }
            return "## Group `\(group.rawValue)`\n\n" + entries.map(section).joined(separator: "\n")
        }
        return """
            # What `certd check` finds

            Each finding has a name that does not change, a severity, what was seen and a remedy. `certd explain NAME` prints what
            stands here, and `certd check --only GROUP` looks for some of it. The verdict of a lineage is its worst finding. This
            page is made by `scripts/make-findings-page`; its text is that of the program.


            """ + groups.joined(separator: "\n")
    }

    private static func section(_ entry: FindingEntry) -> String {
        """
        ### `\(entry.id.rawValue)`

        \(entry.severity.prefix(1).uppercased() + entry.severity.dropFirst()). \(entry.meaning)

        **Risk:** \(entry.risk)

        **Remedy:** \(entry.remedy)

        **Deployment:** \(entry.effect)

        """
    }
}

extension FindingEntry {
    /// Its severities in words: `critical or warning`.
    fileprivate var severity: String { severities.map(\.rawValue).joined(separator: " or ") }
}

extension String {
    /// The text in lines of at most so many characters; a longer word has a line of its own.
    func wrapped(to width: Int) -> [String] {
        var lines: [String] = []
        for word in split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
