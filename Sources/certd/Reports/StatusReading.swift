import CertKit
import FoundationEssentials

/// The document as somebody else wrote it; what this version does not know is passed over.
extension StatusDocument: Decodable {
    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let text = try values.decode(String.self, forKey: .checkedAt)
        guard let checkedAt = Date(utc: text) else { throw DecodingError.noMoment(text, at: values.codingPath) }
        self.init(
            lineages: try values.decode([LineageStatus].self, forKey: .lineages),
            findings: try values.decode([FindingStatus].self, forKey: .findings),
            at: checkedAt, from: try values.decode(StatusSource.self, forKey: .source))
    }
}

extension DecodingError {
    /// For a text that should be a moment.
    static func noMoment(_ text: String, at path: [any CodingKey]) -> DecodingError {
        .dataCorrupted(.init(codingPath: path, debugDescription: "no moment: \(text)"))
    }
}
