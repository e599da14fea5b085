import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage

/// What stands beside a bundle and belongs into HAProxy's memory with it, as far as it fits the certificate.
///
/// HAProxy ignores what does not fit, some of it without a word, and staples nothing; none of it holds a renewal back.
struct Companions: Sendable {
    let files: [Companion: FilePath]
    private(set) var payloads: [CompanionPayload] = []
    /// About those that are left out.
    private(set) var findings: [Finding] = []

    init(_ files: [Companion: FilePath], for leaf: Certificate) {
        self.files = files
        for kind in Companion.allCases {
            guard let path = files[kind] else { continue }
            do {
                guard let payload = try Self.payload(kind, at: path, for: leaf) else { continue }
                payloads.append(payload)
            } catch {
                findings.append(finding(kind, (error as? Misfit)?.reason ?? "\(error)"))
            }
        }
    }

    /// What to tell of companions that HAProxy did not take.
    func findings(_ refused: [RefusedCompanion]) -> [Finding] { refused.map { finding($0.kind, $0.reason) } }

    private struct Misfit: Error { let reason: String }

    private static func payload(
        _ kind: Companion, at path: FilePath, for leaf: Certificate
    ) throws -> CompanionPayload? {
        let contents: FileContents
        do throws(FileError) {
            contents = try readFile(at: path)
        } catch {
            guard error.isMissing else { throw error }
            return nil
        }
        let bytes = contents.bytes.withSpan { span in span.indices.map { span[$0] } }
        switch kind {
        case .issuer:
            let issuer = try PEMContents(parsing: bytes.span, file: path.string).certificates.first
            guard let issuer, issuer.subject == leaf.issuer else { throw Misfit(reason: "is not the issuer") }
            return CompanionPayload(.issuer, text: SecretBytes(copying: Array(issuer.pem.utf8).span))
        case .ocsp:
            guard let response = OCSPResponse(der: bytes) else { throw Misfit(reason: "is no OCSP response") }
            guard response.serials.contains(leaf.serial) else {
                throw Misfit(reason: "is the OCSP response of another certificate")
            }
            let text = Array(Data(bytes).base64EncodedString().utf8)
            return CompanionPayload(.ocsp, text: SecretBytes(copying: text.span))
        case .sctl:
            // HAProxy wants the list's own bytes, and a zero byte among them ends what it reads (2.6.12 and 3.2.26).
            throw Misfit(reason: "HAProxy takes certificate timestamps only when it starts or is reloaded")
        }
    }

    private func finding(_ kind: Companion, _ reason: String) -> Finding {
        let path = files[kind]?.string ?? ""
        return Finding(
            .companionRefused, "not given to HAProxy with the certificate: \(reason)",
            remedy: "fetch a new one for this certificate, or take it away: rm \(path)", location: path)
    }
}
