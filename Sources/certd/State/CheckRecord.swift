import CertKit
import SystemPackage

/// What one `check` leaves to the next: signatures and key pairs that it has verified, and lineages that it found in order.
struct CheckRecord: Sendable {
    let signatures: SignatureMemory
    let calm: CalmMemory
    private let signatureFile: RecordFile
    private let calmFile: RecordFile
    /// Above this size in bytes, of some 16,000 entries, what a run asks for first is verified instead.
    private static let quicklyRead = 1 << 19

    /// What stands below `state`, each part read when it is first asked for.
    init(below state: FilePath, by author: String = Version.build) {
        let signatureFile = RecordFile("verified-signatures", below: state, by: author)
        let calmFile = RecordFile("lineages-in-order", below: state, by: author)
        (self.signatureFile, self.calmFile) = (signatureFile, calmFile)
        signatures = SignatureMemory(patience: signatureFile.size > Self.quicklyRead ? 64 : 0) { signatureFile.read() }
        calm = CalmMemory { calmFile.read() }
    }

    /// Writes down what is new since.
    ///
    /// After a look at everything, of `lineages`, what is gone is forgotten; where some were not read, signatures are not
    /// asked for either, so those are forgotten only when far more are on record than there can be.
    func write(lineages: Int?) {
        if let record = calm.recorded(forgettingUnused: lineages != nil) { calmFile.write(record) }
        let isForgetting = lineages.map { calm.answers == 0 || signatures.count > 8 * ($0 + 16) } ?? false
        if let record = signatures.recorded(forgettingUnused: isForgetting) { signatureFile.write(record) }
    }
}
