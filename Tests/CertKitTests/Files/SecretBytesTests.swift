import CertKit
import Testing

@Suite struct SecretBytesTests {
    @Test func `a secret shows its length and nothing else`() {
        let secret = SecretBytes(copying: Array("MC4CAQAwBQYDK2VwBCIEIA".utf8).span)
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped] {
            #expect(!text.contains("MC4C"))
            #expect(!text.contains("77"))
            #expect(text.contains("22"))
        }
    }

    @Test func `a secret whose making fails is not made`() {
        struct Refused: Error {}
        #expect(throws: Refused.self) {
            try SecretBytes(capacity: 4) { output throws(Refused) in
                output.append(1)
                throw Refused()
            }
        }
    }

    @Test(arguments: [("same", "same", true), ("same", "sama", false), ("same", "samee", false), ("", "", true)])
    func `secrets compare by their bytes`(left: String, right: String, equal: Bool) {
        let one = SecretBytes(copying: Array(left.utf8).span)
        let other = SecretBytes(copying: Array(right.utf8).span)
        #expect((one == other) == equal)
    }
}
