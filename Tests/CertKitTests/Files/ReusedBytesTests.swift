import Testing

@testable import CertKit

@Suite struct ReusedBytesTests {
    private struct Refused: Error {}

    @Test func `what may not fit is not begun`() {
        let bytes = ReusedBytes(capacity: 4)
        #expect(bytes.fill(atMost: 4) { $0.append(1) })
        #expect(bytes.count == 1)
        #expect(!bytes.fill(atMost: 5) { $0.append(2) })
        #expect(bytes.count == 0)
    }

    @Test func `what breaks off while it is written is not held`() {
        let bytes = ReusedBytes(capacity: 4)
        #expect(throws: Refused.self) {
            try bytes.fill(atMost: 4) { output throws(Refused) in
                output.append(1)
                throw Refused()
            }
        }
        #expect(bytes.count == 0)
    }
}
