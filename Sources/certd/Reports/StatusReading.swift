import CertKit
import FoundationEssentials

/// The document as somebody else wrote it; what this version does not know is passed over.
extension StatusDocument: Decodable {
    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let text = try values.decode(String.self, forKey: .checkedAt)
        self.init(
            lineages: try values.decode([LineageStatus].self, forKey: .lineages),
            findings: try values.decode([FindingStatus].self, forKey: .findings),
            at: try Date(text, strategy: .iso8601), from: try values.decode(StatusSource.self, forKey: .source))
    }
}
