import CertKit
import SystemPackage

extension Settings {
    /// The lineages `found` below certbot's `live`, and those that entries name beside them.
    ///
    /// - Returns: All of them, those of entries that do not exist included: reading them says so.
    func lineages(with found: [Lineage]) -> [Lineage] {
        guard !entries.isEmpty else { return found }
        let known = Set(found)
        return found + entries.map(\.lineage).filter { !known.contains($0) }
    }

    /// The lineage that an operator named on the command line.
    ///
    /// - Parameters:
    ///   - operand: The name of one of `known`, or an absolute directory, which need not be known.
    ///   - known: What ``lineages(with:)`` gave.
    /// - Returns: One of `known` where the operand means it.
    /// - Throws: ``LineageOperandError`` when it is neither.
    func lineage(for operand: String, among known: [Lineage]) throws(LineageOperandError) -> Lineage {
        let lineage: Lineage
        do {
            lineage = try Lineage(operand, below: letsencrypt)
        } catch {
            throw .invalid(error)
        }
        guard lineage.isCertbots, !known.contains(lineage) else { return lineage }
        let nearest = nearest(to: lineage.name, among: known.map(\.name))
        throw .unknown(lineage.name, nearest: nearest, live: letsencrypt.appending("live"))
    }
}

/// Why an operand names no lineage.
enum LineageOperandError: UsageDiagnosis, Equatable {
    /// certbot has no lineage of this name.
    case unknown(String, nearest: String?, live: FilePath)
    /// The text can be none.
    case invalid(LineageError)

    var description: String {
        switch self {
        case .unknown(let name, _, let live): "no lineage is called \(name) (\(live))"
        case .invalid(let error): error.description
        }
    }

    var remedy: String {
        switch self {
        case .unknown(_, let nearest?, _): "did you mean \(nearest)?"
        case .unknown(_, nil, let live): "see which there are: ls \(live)"
        case .invalid(let error): error.remedy
        }
    }

    var findingID: FindingID { .configurationInvalid }
    var blamesArguments: Bool { true }
}
