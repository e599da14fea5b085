import TestSupport

@testable import CertKit

/// Breaks a PEM text in one or two of the ways in which files break: bytes, whole blocks, or the DER within a block.
func mutatedFile(_ text: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
    var text = text
    for _ in 0..<Int.random(in: 1...2, using: &generator) {
        text =
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1: mutatedText(text, using: &generator)
            default: mutatedDER(text, using: &generator)
            }
    }
    return text
}

/// The DER of one block, broken at random or with every length around the change right.
private func mutatedDER(_ text: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
    guard let blocks = try? PEMBlock.all(in: text.span, of: "file.pem"),
        let block = blocks.filter(\.isCertificate).randomElement(using: &generator),
        let der = try? block.certificate(in: text.span, of: "file.pem").der
    else { return text }
    var changed = mutatedBytes(der, using: &generator)
    if Int.random(in: 0..<3, using: &generator) > 0, var tree = DERTree.forest(der[...]).first {
        tree.mutate(using: &generator)
        changed = tree.bytes
    }
    var text = text
    let capacity = Base64.encodedCount(changed.count)
    text.replaceSubrange(
        block.body, with: [UInt8](capacity: capacity) { Base64.encode(changed.span, into: &$0) })
    return text
}
