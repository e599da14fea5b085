import CertKit
import FoundationEssentials
import SystemPackage

/// What was deployed when: `history.jsonl`, a line a deployment, the newest last.
extension StateDirectory {
    /// The file may grow to this, in bytes; then the newer half of it is kept. Some 700 deployments are in it at least.
    static let historyLimit = 512 << 10

    private var historyPath: FilePath { path.appending("history.jsonl") }

    /// The deployments that are on record, or the `newest` of them, oldest first; a line that cannot be understood is none.
    ///
    /// - Throws: where there is a record that cannot be read.
    func history(newest limit: Int = .max) throws -> [PastDeployment] {
        guard let contents = try readFileUnlessMissing(at: historyPath, followingLinks: false) else { return [] }
        let text = contents.bytes.withSpan { Data(copying: $0) }
        let decoder = JSONDecoder()
        var history: [PastDeployment] = []
        for line in text.split(separator: UInt8(ascii: "\n")).reversed() {
            guard history.count < limit else { break }
            guard let past = try? decoder.decode(PastDeployment.self, from: Data(line)), past.date != nil else {
                continue
            }
            history.append(past)
        }
        return history.reversed()
    }

    /// Adds a deployment; under the lock.
    func record(_ deployment: PastDeployment) throws {
        let encoder = JSONEncoder()
        // It escapes what would end the line.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = Array(try encoder.encode(deployment))
        try append(line: line.span, to: historyPath, limit: StateDirectory.historyLimit, trusting: users)
    }
}
